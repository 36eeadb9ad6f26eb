package freshet_test

import (
	"fmt"
	"log"

	"github.com/freshet-dev/freshet"
)

// A merge changes only the members that the provider sent.
func ExampleToken_Merge() {
	token, err := freshet.ParseToken([]byte(`{ "access_token": "old", "refresh_token": "keep", "note": 1.0 }`))
	if err != nil {
		log.Fatal(err)
	}
	merged, err := token.Merge([]byte(`{"access_token":"new"}`), received)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(merged.Bytes()))
	fmt.Println(merged)
	// Output:
	// { "access_token": "new", "refresh_token": "keep", "note": 1.0 }
	// [token]
}
