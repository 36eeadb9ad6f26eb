package main

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/benchmark/report"
	"github.com/freshet-dev/freshet/oauth"
)

// compareTokens gets a fresh token.
func compareTokens(r *report.Report, rounds int) error {
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
	source := keeper.Source(connection)
	peerToken := func() error { _, err := peer.Token(); return err }
	sourceToken := func() error { _, err := source.Token(ctx); return err }
	keeperToken := func() error { _, err := keeper.Token(ctx, connection); return err }
	took, err := runRounds(rounds,
		oneGoroutine(peerToken), oneGoroutine(sourceToken), oneGoroutine(keeperToken),
		allProcessors(peerToken), allProcessors(sourceToken), allProcessors(keeperToken))
	if err != nil {
		return err
	}

	fmt.Print("| a fresh token | x/oauth2 | freshet | ratio | target | met |\n|---|--:|--:|--:|--:|:-:|\n")
	row := func(what string, peer, ours measured, target float64) {
		ratio := ours.nanoseconds / peer.nanoseconds
		fmt.Printf("| %s | %.1f ns | %.1f ns | %.2f | %s |\n", what, peer.nanoseconds, ours.nanoseconds, ratio,
			r.AtMost(what, ratio, target))
	}
	row("`Source.Token`, one goroutine", took[0], took[1], 0.5)
	row("`Source.Token`, all processors", took[3], took[4], 1.0/3)
	fmt.Printf("| `Source.Token`: allocations | %.0f | %.0f | | %s |\n",
		took[0].allocations, took[1].allocations, r.AtMost("`Source.Token`: allocations", took[1].allocations, 0))
	rowWithoutTarget := func(what string, peer, ours measured) {
		fmt.Printf("| %s | %.1f ns | %.1f ns | %.2f | | |\n",
			what, peer.nanoseconds, ours.nanoseconds, ours.nanoseconds/peer.nanoseconds)
	}
	rowWithoutTarget("`Keeper.Token`, one goroutine", took[0], took[2])
	rowWithoutTarget("`Keeper.Token`, all processors", took[3], took[5])
	fmt.Println()
	return nil
}

func oneGoroutine(call func() error) func(*testing.B) {
	return func(b *testing.B) {
		for b.Loop() {
			if err := call(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func allProcessors(call func() error) func(*testing.B) {
	return func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
}

const connection = "customer"

// freshKeeper returns a keeper with one connection, whose token is fresh.
func freshKeeper(ctx context.Context) (*freshet.Keeper, error) {
	registration := freshet.Registration{
		Provider: "salesforce", Client: oauth.Client{ID: endpoint.ClientID}, SecretFrom: "elsewhere",
	}
	keeper := freshet.NewKeeper(freshet.Config{Store: new(freshet.MemoryStore)})
	if err := keeper.Create(ctx, connection, registration, []byte(endpoint.Response(0))); err != nil {
		return nil, err
	}
	_, err := keeper.Token(ctx, connection)
	return keeper, err
}

// freshPeer returns x/oauth2 with the same token.
func freshPeer() (oauth2.TokenSource, error) {
	token := new(oauth2.Token)
	if err := json.Unmarshal([]byte(endpoint.Response(0)), token); err != nil {
		return nil, err
	}
	token.Expiry = time.Now().Add(time.Hour)
	return oauth2.ReuseTokenSource(token, nil), nil
}
