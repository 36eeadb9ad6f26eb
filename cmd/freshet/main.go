// Command freshet keeps OAuth 2.0 tokens alive.
package main

import (
	"os"

	"github.com/freshet-dev/freshet/internal/cli"
)

func main() { os.Exit(cli.Main()) }
