package oauth_test

import (
	"testing"

	"github.com/freshet-dev/freshet/oauth"
)

func BenchmarkObject(b *testing.B) {
	reply := oauth.Reply{Status: 200, ContentType: "application/json;charset=UTF-8", Body: []byte(
		`{"access_token":"00D41000000F8A0!xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_xY7_",` +
			`"signature":"Q1NTTTVEdmNLcGFNb1JUenVRVEpMYjF0Y013OExFTzA=","scope":"refresh_token id api",` +
			`"instance_url":"https://d41000000f8a0eak-dev-ed.my.salesforce.com",` +
			`"id":"https://login.salesforce.com/id/00D41000000F8A0EAK/005410000000000AAA","token_type":"Bearer","issued_at":"1738348399999"}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reply.Object(); err != nil {
			b.Fatal(err)
		}
	}
}
