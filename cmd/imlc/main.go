package main

import "os"

func main() { os.Exit(system().main(os.Args[1:])) }
