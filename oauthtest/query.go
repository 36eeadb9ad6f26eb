package oauthtest

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// What a query is answered with.
const (
	unlimited = 3    // records, if the query does not say
	pageSize  = 2000 // records, as Salesforce's default
)

// soql is as much of a query as matters here: its fields, its object and its limit.
var soql = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)^\s*SELECT\s+(\w[\w.,\s]*?)\s+FROM\s+(\w+)(?:\s.*?)??(?:\s+LIMIT\s+(\d{1,6}))?\s*$`)
})

// version is how Salesforce writes an API version.
var version = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^v\d+\.\d$`) })

// query answers the first page of a query: invented records, as many as its LIMIT says.
func (s *Server) query(r *http.Request) reply { return s.page(r, r.URL.Query().Get("q"), 0) }

// queryMore answers a further page. The locator is the query itself and where to go on.
func (s *Server) queryMore(r *http.Request) reply {
	text, offset, _ := strings.Cut(strings.TrimPrefix(r.PathValue("locator"), locatorPrefix), ".")
	query, err := base64.RawURLEncoding.DecodeString(text)
	from, errFrom := strconv.Atoi(offset)
	if err != nil || errFrom != nil || from < 0 {
		return s.apiError(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	return s.page(r, string(query), from)
}

const locatorPrefix = "01g"

func (s *Server) page(r *http.Request, query string, from int) reply {
	if !version().MatchString(r.PathValue("version")) {
		return s.noSuchResource()
	}
	parts := soql().FindStringSubmatch(query)
	if parts == nil {
		return s.apiError(http.StatusBadRequest, "MALFORMED_QUERY", "unexpected token: "+strconv.Quote(query))
	}
	fields, object, total := strings.Split(parts[1], ","), parts[2], unlimited
	if parts[3] != "" {
		total, _ = strconv.Atoi(parts[3]) // digits, by the expression
	}
	base := "/services/data/" + r.PathValue("version")
	from = min(from, total)
	to := min(from+pageSize, total)
	records := []members{}
	for number := from + 1; number <= to; number++ {
		records = append(records, invented(base, object, number, fields))
	}
	out := members{{"totalSize", total}, {"done", to == total}}
	if to < total {
		locator := locatorPrefix + base64.RawURLEncoding.EncodeToString([]byte(query)) + "." + strconv.Itoa(to)
		out = append(out, member{"nextRecordsUrl", base + "/query/" + locator})
	}
	return jsonReply(http.StatusOK, s.dialect.contentType, append(out, member{"records", records}))
}

// create answers the creation of a record, and keeps nothing of it. A body that did not arrive whole, such as one that was
// sent again from where the first attempt left off, is refused.
func (s *Server) create(r *http.Request) reply {
	if !version().MatchString(r.PathValue("version")) {
		return s.noSuchResource()
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var object map[string]any
	if err == nil {
		err = json.Unmarshal(body, &object)
	}
	if err == nil && object == nil {
		err = errors.New("null is not a record")
	}
	if err != nil {
		return s.apiError(http.StatusBadRequest, "JSON_PARSER_ERROR", err.Error())
	}
	id := "a00" + rand.Text()[:12] + "FAK"
	return jsonReply(http.StatusCreated, s.dialect.contentType, members{{"id", id}, {"success", true}, {"errors", []string{}}})
}

// invented is a record that nobody created.
func invented(base, object string, number int, fields []string) members {
	id := fmt.Sprintf("a00%012dFAK", number)
	out := members{{"attributes", members{
		{"type", object},
		{"url", base + "/sobjects/" + object + "/" + id},
	}}}
	for _, field := range fields {
		field = strings.TrimSpace(field)
		value := fmt.Sprintf("%s %d", field, number)
		if strings.EqualFold(field, "Id") {
			field, value = "Id", id
		}
		out = append(out, member{field, value})
	}
	return out
}

func (s *Server) noSuchResource() reply {
	return s.apiError(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

// apiError is how Salesforce's API says no: a list of one.
func (s *Server) apiError(status int, code, message string) reply {
	p := jsonReply(status, s.dialect.contentType, members{{"message", message}, {"errorCode", code}})
	p.body = append(append([]byte{'['}, p.body...), ']')
	return p
}
