package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
)

func main() {
	rounds := flag.Int("rounds", 5, "")
	only := flag.String("only", "", "")
	profile := flag.String("profile", "", "")
	mem := flag.String("mem", "", "")
	flag.Parse()
	if flag.Arg(0) == "endpoint" {
		panic(serveEndpoint())
	}
	e, err := startEndpoint()
	if err != nil {
		panic(err)
	}
	defer e.stop()
	all := []entrant{{"bare", bare}, {"usual", usual}, {"tuned", tuned}, {"freshet", ours}}
	if *only != "" {
		for _, a := range all {
			if a.name == *only {
				all = []entrant{a}
			}
		}
	}
	if *profile != "" {
		f, _ := os.Create(*profile)
		_ = pprof.StartCPUProfile(f)
	}
	d, err := race(e, connections, *rounds, all...)
	if err != nil {
		panic(err)
	}
	if *profile != "" {
		pprof.StopCPUProfile()
	}
	if *mem != "" {
		f, _ := os.Create(*mem)
		_ = pprof.Lookup("allocs").WriteTo(f, 0)
	}
	for i, a := range all {
		fmt.Printf("%s %v %.0f/s %.2f\n", a.name, d[i], connections/d[i].Seconds(), float64(d[0])/float64(d[i]))
	}
}
