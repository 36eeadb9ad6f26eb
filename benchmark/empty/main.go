// Command empty does nothing: what it takes is what starting any Go program takes.
package main

func main() {}
