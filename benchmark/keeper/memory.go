package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/benchmark/report"
)

const connectionsInMemory = 100_000

// measureMemory loads connections into a store, and then into a running keeper.
func measureMemory(r *report.Report, _ int) error {
	few, err := load(10)
	if err != nil {
		return err
	}
	all, err := load(connectionsInMemory)
	if err != nil {
		return err
	}
	fmt.Printf("| %d connections in memory | each | target | met |\n|---|--:|--:|:-:|\n", connectionsInMemory)
	fmt.Printf("| the document | %.0f B | | |\n", all.document)
	fmt.Printf("| the store in addition, with the parsed token | %.0f B | | |\n", all.store-all.document)
	fmt.Printf("| the running keeper with all tokens | %.0f B | | |\n", all.keeper)
	total := all.store - all.document + all.keeper
	fmt.Printf("| both, in addition to the document | %.0f B | %s |\n", total,
		r.AtMost("bytes of a connection in memory, in addition to the document", total, 2048))
	fmt.Printf("| goroutines with %d connections, %d with 10 | %d | %s |\n", connectionsInMemory, few.goroutines,
		all.goroutines, r.AtMost("goroutines of a keeper", float64(all.goroutines), float64(few.goroutines)))
	fmt.Println()
	return nil
}

// loaded is the bytes per connection, and the number of goroutines.
type loaded struct {
	document, store, keeper float64
	goroutines              int
}

func load(n int) (l loaded, err error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	each := func(bytes uint64) float64 { return float64(bytes) / float64(n) }
	registration := newRegistration("")

	before := heap()
	store := new(freshet.MemoryStore)
	for i := range n {
		document := endpoint.Response(i)
		l.document += float64(len(document)) / float64(n)
		token, err := freshet.ParseToken([]byte(document))
		if err != nil {
			return l, err
		}
		c := freshet.Connection{Name: customer(i), Registration: registration, Token: token}
		if err := store.Create(ctx, c); err != nil {
			return l, err
		}
	}
	stored := heap()
	l.store = each(stored - before)

	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	ran := make(chan error, 1)
	go func() { ran <- keeper.Run(ctx) }()
	for i := range n {
		if _, err := keeper.Token(ctx, customer(i)); err != nil {
			return l, err
		}
	}
	l.keeper = each(settledHeap() - stored)
	l.goroutines = runtime.NumGoroutine()
	stop()
	if err := <-ran; err != nil {
		return l, err
	}
	runtime.KeepAlive(store)
	return l, keeper.Close(context.Background())
}

func customer(i int) string { return fmt.Sprintf("customer-%d", i) }

// heap returns the bytes of allocated objects.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // for finalized objects and pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// settledHeap returns the heap when it does not change any more, after the keeper has listed everything.
func settledHeap() uint64 {
	for last := heap(); ; {
		time.Sleep(300 * time.Millisecond)
		now := heap()
		if max(now, last)-min(now, last) < 1<<16 {
			return now
		}
		last = now
	}
}
