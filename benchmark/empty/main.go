// Command empty does nothing. It measures the start of a Go program.
package main

func main() {}
