package oauthtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const data = local + "/services/data/v67.0"

func query(s *Server, access, soql string) *httptest.ResponseRecorder {
	return asBearer(s, http.MethodGet, data+"/query?q="+url.QueryEscape(soql), access)
}

func TestQuery(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider}, local)
		access := saved(t, s)["access_token"].(string)
		w := query(s, access, "SELECT Id, Name FROM Account WHERE Name LIKE 'A%' ORDER BY Name LIMIT 1")
		const want = `{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Account",` +
			`"url":"/services/data/v67.0/sobjects/Account/a00000000000001FAK"},"Id":"a00000000000001FAK","Name":"Name 1"}]}`
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: status %d: %s\nwant %s", provider, w.Code, w.Body, want)
		}
		wantStats(t, s, Stats{ResourceRequests: 1})
	}
}

func TestQueryGivesAsManyRecordsAsItsLimit(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	access := saved(t, s)["access_token"].(string)
	for soql, want := range map[string]int{
		"SELECT Id FROM Account":                             3,
		"select id from Account limit 0":                     0,
		"SELECT Id FROM Account LIMIT 2000":                  2000,
		"SELECT Id FROM Account LIMIT 4001":                  4001,
		"SELECT Owner.Name FROM Account WHERE Id != null":    3,
		"SELECT Id\nFROM Account\nWHERE Name = 'x'\nLIMIT 2": 2,
	} {
		reply := object(t, query(s, access, soql).Body.Bytes())
		got, pages := len(reply["records"].([]any)), 1
		for reply["done"] == false {
			w := asBearer(s, http.MethodGet, local+reply["nextRecordsUrl"].(string), access)
			reply = object(t, w.Body.Bytes())
			got += len(reply["records"].([]any))
			pages++
		}
		if got != want || reply["totalSize"] != float64(want) || pages != max(1, (want+1999)/2000) {
			t.Errorf("%s: %d records of %v in %d pages, want %d", soql, got, reply["totalSize"], pages, want)
		}
	}
}

func TestAPIRefusesTheToken(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	access := saved(t, s)["access_token"].(string)
	s.Revoke(access)
	for _, target := range []string{local + "/services/data/", data + "/query?q=SELECT+Id+FROM+Account", data + "/query/01gx.2000"} {
		w := asBearer(s, http.MethodGet, target, access)
		if w.Code != http.StatusUnauthorized || w.Body.String() != `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]` {
			t.Errorf("%s: status %d: %s", target, w.Code, w.Body)
		}
	}
	wantStats(t, s, Stats{ResourceRefused: 3})
}

func TestAPIRefusesTheRequest(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	access := saved(t, s)["access_token"].(string)
	for target, want := range map[string]string{
		data + "/query":                     "MALFORMED_QUERY",
		data + "/query?q=DELETE+Account":    "MALFORMED_QUERY",
		data + "/query/01gx":                "INVALID_QUERY_LOCATOR",
		data + "/query/01gx.-1":             "INVALID_QUERY_LOCATOR",
		data + "x/query?q=SELECT+Id+FROM+A": "NOT_FOUND",
	} {
		w := asBearer(s, http.MethodGet, target, access)
		if w.Code < 400 || !strings.Contains(w.Body.String(), `"errorCode":"`+want+`"`) {
			t.Errorf("%s: status %d: %s, want %s", target, w.Code, w.Body, want)
		}
	}
}

func TestCreate(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	access := saved(t, s)["access_token"].(string)
	create := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, data+"/sobjects/Account/", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+access)
		return record(s, r)
	}
	w := create(`{"Name":"Acme"}`)
	if reply := object(t, w.Body.Bytes()); w.Code != http.StatusCreated || reply["success"] != true || len(reply["id"].(string)) != 18 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	for _, cut := range []string{"", `{"Name":"Ac`, "null", `{"Name":"Acme"}{"Name":"Acme"}`} {
		if w := create(cut); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "JSON_PARSER_ERROR") {
			t.Errorf("%s: status %d: %s", cut, w.Code, w.Body)
		}
	}
}
