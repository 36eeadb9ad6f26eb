package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/benchmark/report"
)

// compareRequests sends requests with a fresh token through a round tripper that replies at once.
func compareRequests(r *report.Report, rounds int) error {
	ctx := context.Background()
	keeper, err := freshKeeper(ctx)
	if err != nil {
		return err
	}
	defer keeper.Close(ctx)
	peer, err := freshPeer()
	if err != nil {
		return err
	}
	const target = "https://yourInstance.my.salesforce.com/services/data/v62.0/limits"
	plain, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	usual := plain.Clone(ctx)
	usual.Header = http.Header{
		"Accept":          {"application/json"},
		"Accept-Encoding": {"gzip"},
		"Content-Type":    {"application/json; charset=UTF-8"},
		"Traceparent":     {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		"User-Agent":      {"billing/1.4 (+https://example.com/billing)"},
	}
	base := fixedResponse{&http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Body: http.NoBody, Request: plain,
	}}
	theirs := &oauth2.Transport{Source: peer, Base: base}
	ours := &freshet.Transport{Source: keeper.Source(connection), Base: base}
	send := func(t http.RoundTripper, req *http.Request) func(*testing.B) {
		return oneGoroutine(func() error { _, err := t.RoundTrip(req); return err })
	}
	took, err := runRounds(rounds, send(theirs, usual), send(ours, usual), send(theirs, plain), send(ours, plain))
	if err != nil {
		return err
	}

	fmt.Print("| a request with a token | x/oauth2 | freshet | ratio | target | met |\n|---|--:|--:|--:|--:|:-:|\n")
	for i, what := range []string{"five headers", "no headers"} {
		peer, ours := took[2*i], took[2*i+1]
		ratio, allocations := ours.nanoseconds/peer.nanoseconds, ours.allocations/peer.allocations
		fmt.Printf("| %s: time | %.0f ns | %.0f ns | %.2f | %s |\n", what, peer.nanoseconds, ours.nanoseconds, ratio,
			r.AtMost("request with "+what+": time", ratio, []float64{0.45, 0.40}[i]))
		fmt.Printf("| %s: allocations | %.0f | %.0f | %.2f | %s |\n", what, peer.allocations, ours.allocations,
			allocations, r.AtMost("request with "+what+": allocations", allocations, 0.5))
		fmt.Printf("| %s: bytes | %.0f | %.0f | %.2f | | |\n", what, peer.bytes, ours.bytes, ours.bytes/peer.bytes)
	}
	fmt.Println()
	return nil
}

// fixedResponse answers every request with the same response.
type fixedResponse struct{ response *http.Response }

func (f fixedResponse) RoundTrip(*http.Request) (*http.Response, error) { return f.response, nil }
