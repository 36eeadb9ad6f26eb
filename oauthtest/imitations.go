package oauthtest

import "slices"

// imitations are the providers beside Generic and Salesforce. Each takes the server's own address.
var imitations = []struct {
	name   string
	vendor func(url string) vendor
}{
	{"atlassian", atlassian},
	{"auth0", auth0},
	{"box", box},
	{"dropbox", dropbox},
	{"facebook", facebook},
	{"github", gitHub},
	{"google", google},
	{"hubspot", hubSpot},
	{"linkedin", linkedIn},
	{"microsoft", microsoft},
	{"okta", okta},
	{"quickbooks", quickBooks},
	{"shopify", shopify},
	{"slack", slack},
	{"stripe", stripe},
	{"stripe-connect", stripeConnect},
	{"x", x},
	{"xero", xero},
	{"zoho", zoho},
	{"zoom", zoom},
}

// Providers returns what [Config.Provider] can be, sorted.
func Providers() []string {
	names := []string{Generic, Salesforce}
	for _, each := range imitations {
		names = append(names, each.name)
	}
	slices.Sort(names)
	return names
}

// imitation is how the provider with this name speaks, if there is one.
func imitation(name, url, clientSecret string) (d dialect, known bool) {
	switch name {
	case Generic:
		return generic(), true
	case Salesforce:
		return salesforce(url, clientSecret), true
	}
	for _, each := range imitations {
		if each.name == name {
			return each.vendor(url).dialect(), true
		}
	}
	return dialect{}, false
}
