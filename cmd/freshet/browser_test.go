package main_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// browser is the command browser [allow|deny|twice] URL. It opens a page, presses a button, and
// prints the headline of the last page. With twice it opens the last page again. The tests with a
// real browser are in the module e2e.
func browser() {
	decision, address := "allow", os.Args[len(os.Args)-1]
	if len(os.Args) > 2 {
		decision = os.Args[1]
	}
	jar, err := cookiejar.New(nil)
	check(err)
	b := &browserTab{http.Client{Jar: jar}}
	page := b.open(http.Get(address))
	if strings.Contains(page.body, `name="decision"`) {
		pressed := "allow"
		if decision == "deny" {
			pressed = "deny"
		}
		page = b.open(b.PostForm(page.address, url.Values{"decision": {pressed}}))
	}
	if decision == "twice" {
		page = b.open(b.Get(page.address))
	}
	fmt.Println(headline.FindString(page.body))
}

type browserTab struct{ http.Client }

type browserPage struct{ address, body string }

var (
	headline = regexp.MustCompile(`(?s)<h1[^>]*>.*?</h1>`)
	posting  = regexp.MustCompile(`<form[^>]* method="post"[^>]* action="([^"]*)"|<form[^>]* action="([^"]*)"[^>]* method="post"`)
	hidden   = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// open reads a page. It submits a form that a browser would submit by its script
// (response_mode=form_post).
func (b *browserTab) open(res *http.Response, err error) browserPage {
	check(err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	check(err)
	page := browserPage{res.Request.URL.String(), string(data)}
	inputs := hidden.FindAllStringSubmatch(page.body, -1)
	form := posting.FindStringSubmatch(page.body)
	if form == nil || len(inputs) == 0 {
		return page
	}
	values := url.Values{}
	for _, input := range inputs {
		values.Set(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
	}
	return b.open(b.PostForm(html.UnescapeString(form[1]+form[2]), values))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(1)
	}
}
