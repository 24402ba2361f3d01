package specfile_test

import (
	"fmt"
	"os"

	"blockstack/commands/specfile"
)

// The rules of a namespace, SPEC.toml: the file that the README launches.
func ExampleParse() {
	text, err := os.ReadFile("../../docs/examples/id.toml")
	if err != nil {
		panic(err)
	}
	spec, err := specfile.Parse(text)
	if err != nil {
		panic(err)
	}
	fmt.Println(*spec)
	_, err = specfile.Parse(append(text, "colour = 1\n"...))
	fmt.Println(err != nil)
	// Output:
	// {id 1 52595 250 4 [6 5 4 3 2 1 0 0 0 0 0 0 0 0 0 0] 10 10}
	// true
}
