// Code generated from the JSON files by go generate; DO NOT EDIT.

package provider

import "github.com/freshet-dev/freshet/oauth"

// builtin returns the built-in provider with this name, or nil.
func builtin(name string) *Provider {
	switch name {
	case "adobe":
		return builtinAdobe()
	case "airtable":
		return builtinAirtable()
	case "amazon":
		return builtinAmazon()
	case "asana":
		return builtinAsana()
	case "atlassian":
		return builtinAtlassian()
	case "auth0":
		return builtinAuth0()
	case "bitbucket":
		return builtinBitbucket()
	case "box":
		return builtinBox()
	case "calendly":
		return builtinCalendly()
	case "cognito":
		return builtinCognito()
	case "databricks":
		return builtinDatabricks()
	case "discord":
		return builtinDiscord()
	case "docusign":
		return builtinDocusign()
	case "dropbox":
		return builtinDropbox()
	case "ebay":
		return builtinEbay()
	case "exact-online":
		return builtinExactOnline()
	case "facebook":
		return builtinFacebook()
	case "figma":
		return builtinFigma()
	case "firebase":
		return builtinFirebase()
	case "fitbit":
		return builtinFitbit()
	case "generic":
		return builtinGeneric()
	case "github":
		return builtinGithub()
	case "gitlab":
		return builtinGitlab()
	case "google":
		return builtinGoogle()
	case "hmrc":
		return builtinHmrc()
	case "hubspot":
		return builtinHubspot()
	case "intercom":
		return builtinIntercom()
	case "keycloak":
		return builtinKeycloak()
	case "linear":
		return builtinLinear()
	case "linkedin":
		return builtinLinkedin()
	case "mailchimp":
		return builtinMailchimp()
	case "microsoft":
		return builtinMicrosoft()
	case "notion":
		return builtinNotion()
	case "okta":
		return builtinOkta()
	case "paypal":
		return builtinPaypal()
	case "pipedrive":
		return builtinPipedrive()
	case "quickbooks":
		return builtinQuickbooks()
	case "salesforce":
		return builtinSalesforce()
	case "servicenow":
		return builtinServicenow()
	case "shopify":
		return builtinShopify()
	case "slack":
		return builtinSlack()
	case "snowflake":
		return builtinSnowflake()
	case "spotify":
		return builtinSpotify()
	case "strava":
		return builtinStrava()
	case "stripe":
		return builtinStripe()
	case "stripe-connect":
		return builtinStripeConnect()
	case "twitch":
		return builtinTwitch()
	case "withings":
		return builtinWithings()
	case "x":
		return builtinX()
	case "xero":
		return builtinXero()
	case "zendesk":
		return builtinZendesk()
	case "zoho":
		return builtinZoho()
	case "zoom":
		return builtinZoom()
	default:
		return nil
	}
}

var builtinNames = []string{
	"adobe",
	"airtable",
	"amazon",
	"asana",
	"atlassian",
	"auth0",
	"bitbucket",
	"box",
	"calendly",
	"cognito",
	"databricks",
	"discord",
	"docusign",
	"dropbox",
	"ebay",
	"exact-online",
	"facebook",
	"figma",
	"firebase",
	"fitbit",
	"generic",
	"github",
	"gitlab",
	"google",
	"hmrc",
	"hubspot",
	"intercom",
	"keycloak",
	"linear",
	"linkedin",
	"mailchimp",
	"microsoft",
	"notion",
	"okta",
	"paypal",
	"pipedrive",
	"quickbooks",
	"salesforce",
	"servicenow",
	"shopify",
	"slack",
	"snowflake",
	"spotify",
	"strava",
	"stripe",
	"stripe-connect",
	"twitch",
	"withings",
	"x",
	"xero",
	"zendesk",
	"zoho",
	"zoom",
}

// builtinHost returns the provider of a host, or "". A leading dot stands for any subdomain.
func builtinHost(host string) string {
	switch host {
	case "ims-na1.adobelogin.com":
		return "adobe"
	case "airtable.com":
		return "airtable"
	case "api.amazon.com", "api.amazon.co.uk", "api.amazon.co.jp", "www.amazon.com", "eu.account.amazon.com", "apac.account.amazon.com":
		return "amazon"
	case "app.asana.com":
		return "asana"
	case "auth.atlassian.com":
		return "atlassian"
	case ".auth0.com":
		return "auth0"
	case "bitbucket.org":
		return "bitbucket"
	case "account.box.com", "api.box.com":
		return "box"
	case "auth.calendly.com":
		return "calendly"
	case ".amazoncognito.com":
		return "cognito"
	case ".cloud.databricks.com", ".azuredatabricks.net", ".gcp.databricks.com":
		return "databricks"
	case "discord.com":
		return "discord"
	case "account.docusign.com", "account-d.docusign.com":
		return "docusign"
	case "www.dropbox.com", "api.dropboxapi.com", "api.dropbox.com":
		return "dropbox"
	case "api.ebay.com", "auth.ebay.com", "api.sandbox.ebay.com", "auth.sandbox.ebay.com":
		return "ebay"
	case "start.exactonline.nl", "start.exactonline.be", "start.exactonline.de", "start.exactonline.fr", "start.exactonline.es", "start.exactonline.co.uk", "start.exactonline.com":
		return "exact-online"
	case "www.facebook.com", "graph.facebook.com":
		return "facebook"
	case "www.figma.com", "api.figma.com":
		return "figma"
	case "securetoken.googleapis.com":
		return "firebase"
	case "www.fitbit.com", "api.fitbit.com":
		return "fitbit"
	case "github.com", ".ghe.com":
		return "github"
	case "gitlab.com":
		return "gitlab"
	case "accounts.google.com", "oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com":
		return "google"
	case "api.service.hmrc.gov.uk", "www.tax.service.gov.uk", "test-api.service.hmrc.gov.uk", "test-www.tax.service.gov.uk":
		return "hmrc"
	case "app.hubspot.com", "api.hubapi.com":
		return "hubspot"
	case "api.intercom.io", "api.eu.intercom.io", "api.au.intercom.io":
		return "intercom"
	case "linear.app", "api.linear.app":
		return "linear"
	case "www.linkedin.com":
		return "linkedin"
	case "login.mailchimp.com":
		return "mailchimp"
	case "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "login.microsoft.com", "login.windows.net":
		return "microsoft"
	case "api.notion.com":
		return "notion"
	case ".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil":
		return "okta"
	case "api-m.paypal.com", "www.paypal.com", "api-m.sandbox.paypal.com", "www.sandbox.paypal.com":
		return "paypal"
	case "oauth.pipedrive.com":
		return "pipedrive"
	case "appcenter.intuit.com", "oauth.platform.intuit.com", "developer.api.intuit.com", "accounts.platform.intuit.com", "sandbox-accounts.platform.intuit.com":
		return "quickbooks"
	case "login.salesforce.com", "test.salesforce.com", ".my.salesforce.com", ".my.site.com":
		return "salesforce"
	case ".service-now.com":
		return "servicenow"
	case ".myshopify.com":
		return "shopify"
	case "slack.com":
		return "slack"
	case ".snowflakecomputing.com":
		return "snowflake"
	case "accounts.spotify.com":
		return "spotify"
	case "www.strava.com":
		return "strava"
	case "marketplace.stripe.com", "api.stripe.com":
		return "stripe"
	case "connect.stripe.com":
		return "stripe-connect"
	case "id.twitch.tv":
		return "twitch"
	case "account.withings.com", "wbsapi.withings.net":
		return "withings"
	case "x.com", "api.x.com", "twitter.com", "api.twitter.com":
		return "x"
	case "login.xero.com", "identity.xero.com":
		return "xero"
	case ".zendesk.com":
		return "zendesk"
	case "accounts.zoho.com", "accounts.zoho.eu", "accounts.zoho.in", "accounts.zoho.com.au", "accounts.zoho.jp", "accounts.zohocloud.ca", "accounts.zoho.sa", "accounts.zoho.uk", "accounts.zoho.com.cn", "accounts.zoho.ae":
		return "zoho"
	case "zoom.us":
		return "zoom"
	default:
		return ""
	}
}

// builtinIdentities are the providers that can be recognized by a member of their tokens.
var builtinIdentities = []identityOf{
	{"id", "/id/", "salesforce"},
}

var builtinAdobeData = Provider{
	Name:  "adobe",
	Title: "Adobe",
	Documentation: []string{
		"https://developer.adobe.com/developer-console/docs/guides/authentication/UserAuthentication/",
		"https://developer.adobe.com/developer-console/docs/guides/authentication/UserAuthentication/ims",
		"https://github.com/AdobeDocs/adobeio-auth",
	},
	Notes: []string{
		"By default an access token lives 24 hours and a refresh token two weeks; a refresh returns a new pair.",
		"Only some products allow the scope offline_access; a login without it has no refresh token.",
		"The older endpoint /ims/token states expires_in in milliseconds; the one used here, v3, in seconds.",
		"Many APIs also need the headers x-api-key with the client id and x-gw-ims-org-id with the organization.",
		"A server-to-server client asks for tokens by client credentials and needs no login.",
		"Acrobat Sign has a login server of its own: this file is for Adobe IMS.",
		"Tokens go to the listed hosts only, since Adobe I/O Runtime runs the code of customers.",
	},
	Hosts:  []string{"ims-na1.adobelogin.com"},
	Issuer: "https://ims-na1.adobelogin.com",
	Endpoints: oauth.Endpoints{
		Authorization: "https://ims-na1.adobelogin.com/ims/authorize/v2",
		Token:         "https://ims-na1.adobelogin.com/ims/token/v3",
		Revocation:    "https://ims-na1.adobelogin.com/ims/revoke",
		Userinfo:      "https://ims-na1.adobelogin.com/ims/userinfo/v2",
		JWKS:          "https://ims-na1.adobelogin.com/ims/keys",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in the Adobe Developer Console, the project, OAuth credential",
	},
	Login: Login{
		Scopes:         []string{"openid", "AdobeID", "offline_access"},
		ScopeSeparator: ",",
		RefreshScope:   "offline_access",
		Redirect:       "https",
		PKCE:           "S256",
		Hint:           "the credential needs a redirect URI that is https, and a pattern that matches it",
	},
	Revocation:   Revocation{Auth: "basic"},
	AccessToken:  AccessToken{Lifetime: 86400000000000},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 1209600000000000},
	Reply: Reply{
		Harmless: []string{
			"sub",
			"name",
			"given_name",
			"family_name",
			"email",
			"email_verified",
			"address",
			"account_type",
		},
	},
	API: API{
		Hosts: []string{
			"analytics.adobe.io",
			"api.adobe.io",
			"cc-libraries.adobe.io",
			"firefly-api.adobe.io",
			"image.adobe.io",
			"lr.adobe.io",
			"mc.adobe.io",
			"pdf-services.adobe.io",
			"platform.adobe.io",
			"reactor.adobe.io",
			"stock.adobe.io",
			"usermanagement.adobe.io",
		},
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant", "invalid_token"},
			Kind:   "login_required",
			Cause:  "Adobe no longer accepts this refresh token: two weeks old, used already, or the user removed the app",
			Remedy: "{login again}; a refresh each week keeps it alive",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Adobe does not accept the client id with this secret",
			Remedy:     "check both in the Adobe Developer Console, the project, OAuth credential",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the project has no product that allows one of the scopes",
			Remedy: "add the product's API to the project, or {login again scope} without offline_access",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Kind:   "misconfigured",
			Cause:  "the credential is of another type than this login needs",
			Remedy: "use an OAuth Web App credential for logins, a Server-to-Server one for client credentials",
		},
	},
}

func builtinAdobe() *Provider {
	p := builtinAdobeData
	p.Unofficial = map[string]string{
		"api.hosts":                "the manuals of Adobe's products",
		"client.auth":              "Adobe's older page; its discovery document lists more than one way",
		"endpoints.jwks_uri":       "Adobe's discovery document, not a page",
		"endpoints.token_endpoint": "Adobe's discovery document and its own library",
		"errors":                   "the codes are those of RFC 6749",
		"login.pkce":               "Adobe's pages show it for native and single-page apps",
		"refresh_token.rotation":   "a register of credentials; Adobe's page shows a refresh token in the reply",
	}
	return &p
}

var builtinAirtableData = Provider{
	Name:  "airtable",
	Title: "Airtable",
	Documentation: []string{
		"https://airtable.com/developers/web/api/oauth-reference",
		"https://airtable.com/developers/web/api/scopes",
		"https://github.com/Airtable/oauth-example",
	},
	Notes: []string{
		"A refresh invalidates the access token and the refresh token before it, and returns a new pair.",
		"An access token lives 60 minutes, a refresh token 60 days; a reply says both: expires_in and refresh_expires_in.",
		"A token is for the bases and workspaces that the user chose in the login.",
		"An integration without a client secret sends its client id in the body; one with a secret uses HTTP Basic.",
		"No page names an endpoint that revokes tokens; the user ends the grant under Account, Third-party integrations.",
	},
	Hosts: []string{"airtable.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://airtable.com/oauth2/v1/authorize",
		Token:         "https://airtable.com/oauth2/v1/token",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: at airtable.com/create/oauth, the integration",
	},
	Login: Login{
		Scopes:       []string{"user.email:read"},
		Redirect:     "exact",
		RedirectURI:  "http://localhost:8484/callback",
		PKCE:         "S256",
		PKCERequired: true,
		Hint:         "add the redirect URL http://localhost:8484/callback and the scopes that you need to the integration",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000, EndedByRefresh: true},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 5184000000000000},
	Reply:        Reply{Harmless: []string{"refresh_expires_in"}},
	API: API{
		Hosts: []string{"api.airtable.com", "content.airtable.com"},
		Base:  "https://api.airtable.com/",
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Airtable no longer accepts this refresh token: used already, unused for 60 days, or revoked by the user",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client id or the client secret is wrong, or the integration has a secret and none was sent",
			Remedy:     "check both at airtable.com/create/oauth; a client without a secret needs {set auth=none}",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the integration may not ask for one of the scopes",
			Remedy: "add it at airtable.com/create/oauth, the integration, Scopes",
		},
	},
}

func builtinAirtable() *Provider {
	p := builtinAirtableData
	p.Unofficial = map[string]string{
		"errors.0":     "a guide of an integrator; the code is that of RFC 6749",
		"errors.1":     "a guide of an integrator; the code is that of RFC 6749",
		"errors.2":     "not confirmed by a page; the code is that of RFC 6749",
		"errors.3":     "not confirmed by a page; the code is that of RFC 6749",
		"login.scopes": "the smallest scope of Airtable's list; a login must name one",
	}
	return &p
}

var builtinAmazonData = Provider{
	Name:  "amazon",
	Title: "Amazon",
	Documentation: []string{
		"https://developer.amazon.com/docs/login-with-amazon/access-token.html",
		"https://developer.amazon.com/docs/login-with-amazon/refresh-token.html",
		"https://developer.amazon.com/docs/amazon-data-portability/use-refresh-token.html",
		"https://developer-docs.amazon.com/sp-api/docs/authorize-public-applications",
		"https://developer-docs.amazon.com/sp-api/docs/selling-partner-appstore-authorization-workflow-renew",
		"https://developer-docs.amazon.com/amazon-shipping/docs/connecting-to-the-selling-partner-api",
	},
	Notes: []string{
		"A refresh token does not expire until the user removes the app; a seller must authorize an app of the Selling Partner API again each year.",
		"The reply has a refresh token only if the client secret was sent.",
		"A seller authorizes the Selling Partner API in Seller Central, which shows or redirects with the code: import the refresh token.",
		"The Selling Partner API takes the token in the header x-amz-access-token, all others as Authorization: Bearer.",
		"Each region of the Ads API has its own login and token endpoint; its calls also need Amazon-Advertising-API-ClientId.",
		"The device login of Amazon is not that of RFC 8628.",
		"No endpoint of RFC 7009 is known: the user removes the app in the account under Login with Amazon, a seller in Seller Central.",
	},
	Hosts: []string{
		"api.amazon.com",
		"api.amazon.co.uk",
		"api.amazon.co.jp",
		"www.amazon.com",
		"eu.account.amazon.com",
		"apac.account.amazon.com",
	},
	Endpoints: oauth.Endpoints{Token: "https://{host}/auth/o2/token"},
	Client: Client{
		Auth:      "body",
		IDPattern: "^amzn1\\.application-oa2-client\\.",
		Hint:      "it begins with amzn1.application-oa2-client: in the Amazon Developer Console under the Security Profile, Web Settings, or in Seller Central under Develop Apps, LWA credentials",
	},
	Login: Login{
		Scopes:      []string{"profile"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "under Web Settings of the Security Profile add the Allowed Return URL http://localhost:8484/callback",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes"},
	API: API{
		Rejections: []Rejection{
			Rejection{Status: 403, Text: "The access token you provided has expired"},
			Rejection{
				Status: 403,
				Text:   "The access token you provided is revoked, malformed or invalid",
			},
		},
		Header: "x-amz-access-token",
		HeaderHosts: []string{
			"sellingpartnerapi-na.amazon.com",
			"sandbox.sellingpartnerapi-na.amazon.com",
			"sellingpartnerapi-eu.amazon.com",
			"sandbox.sellingpartnerapi-eu.amazon.com",
			"sellingpartnerapi-fe.amazon.com",
			"sandbox.sellingpartnerapi-fe.amazon.com",
		},
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"invalid grant parameter"},
			Kind:   "login_required",
			Cause:  "Amazon no longer accepts this refresh token: the user or seller removed the app, or it is another client's",
			Remedy: "check that the client id is the one of the login; then {login again}, or let the seller authorize the app again",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Amazon does not accept the client id and the client secret: a secret of Seller Central expires after 180 days",
			Remedy:     "make a new secret under LWA credentials, and {set client_secret}",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Kind:   "misconfigured",
			Cause:  "the client may not use this grant, or is not the one of the login",
			Remedy: "check the client id under the Security Profile, or under LWA credentials in Seller Central",
		},
	},
}

func builtinAmazon() *Provider {
	p := builtinAmazonData
	p.Unofficial = map[string]string{
		"api.rejections":                "the source and tests of several clients",
		"errors.0":                      "the same text in the logs of many clients",
		"errors.1":                      "the source of several clients",
		"login.pkce":                    "integrators",
		"login.redirect_uri":            "integrators: a return URL is an https address, or one on localhost",
		"login.scopes":                  "the scope is documented; that it is the default is freshet's choice",
		"parts.host.clouds.0.api_hosts": "sellingpartnerapi-*.amazon.com are documented; advertising-api.amazon.com is from integrators",
		"parts.host.clouds.1.api_hosts": "integrators",
		"parts.host.clouds.1.endpoints": "integrators; the token endpoint of the region is documented",
		"parts.host.clouds.2.api_hosts": "integrators",
		"parts.host.clouds.2.endpoints": "integrators; the token endpoint of the region is documented",
		"refresh_token.rotation":        "a page says that a refresh also returns a new refresh token; integrators see the same one",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "api.amazon.com",
			Values:  []string{"api.amazon.com", "api.amazon.co.uk", "api.amazon.co.jp"},
			Hint:    "the region of the login: api.amazon.com for North America and the Selling Partner API, api.amazon.co.uk for Europe, api.amazon.co.jp for the Far East",
			Clouds: []Cloud{
				Cloud{
					Values: []string{"api.amazon.com"},
					Endpoints: oauth.Endpoints{
						Authorization: "https://www.amazon.com/ap/oa",
						Userinfo:      "https://api.amazon.com/user/profile",
					},
					Hosts: []string{
						"api.amazon.com",
						"advertising-api.amazon.com",
						"sellingpartnerapi-na.amazon.com",
						"sandbox.sellingpartnerapi-na.amazon.com",
						"sellingpartnerapi-eu.amazon.com",
						"sandbox.sellingpartnerapi-eu.amazon.com",
						"sellingpartnerapi-fe.amazon.com",
						"sandbox.sellingpartnerapi-fe.amazon.com",
					},
				},
				Cloud{
					Values: []string{"api.amazon.co.uk"},
					Endpoints: oauth.Endpoints{
						Authorization: "https://eu.account.amazon.com/ap/oa",
						Userinfo:      "https://api.amazon.co.uk/user/profile",
					},
					Hosts: []string{"api.amazon.co.uk", "advertising-api-eu.amazon.com"},
				},
				Cloud{
					Values: []string{"api.amazon.co.jp"},
					Endpoints: oauth.Endpoints{
						Authorization: "https://apac.account.amazon.com/ap/oa",
						Userinfo:      "https://api.amazon.co.jp/user/profile",
					},
					Hosts: []string{"api.amazon.co.jp", "advertising-api-fe.amazon.com"},
				},
			},
		},
	}
	return &p
}

var builtinAsanaData = Provider{
	Name:  "asana",
	Title: "Asana",
	Documentation: []string{
		"https://developers.asana.com/docs/oauth",
		"https://developers.asana.com/docs/oauth-scopes",
	},
	Notes: []string{
		"An access token lives an hour. Only a login returns a refresh token, which is long-lived and is used again and again.",
		"The reply to a login has the user in data.",
		"The revocation takes refresh tokens only, and ends their access tokens, too.",
		"An app without full permissions may not ask for default, and one with full permissions for nothing else.",
	},
	Hosts: []string{"app.asana.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://app.asana.com/-/oauth_authorize",
		Token:         "https://app.asana.com/-/oauth_token",
		Revocation:    "https://app.asana.com/-/oauth_revoke",
		Introspection: "https://app.asana.com/-/token_info",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: at app.asana.com/0/my-apps, the app, OAuth",
	},
	Login: Login{
		Scopes:   []string{"default"},
		Redirect: "https",
		PKCE:     "S256",
		Hint:     "add the redirect URL to the app, which must be https, and make the app available to your workspace",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "never"},
	Reply:        Reply{Harmless: []string{"data"}},
	API:          API{Base: "https://app.asana.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Asana no longer accepts this refresh token: the user or an administrator removed the app, or it was revoked",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client", "unauthorized_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Asana does not accept the client id with this secret",
			Remedy:     "check both at app.asana.com/0/my-apps, the app, OAuth",
		},
		Refusal{
			Code:   Texts{"invalid_scope", "forbidden_scopes"},
			Kind:   "misconfigured",
			Cause:  "the app was not set up with one of the scopes; an app without full permissions may not ask for default",
			Remedy: "add the scope at app.asana.com/0/my-apps, the app, OAuth, then {login again scope}",
		},
	},
}

func builtinAsana() *Provider {
	p := builtinAsanaData
	p.Unofficial = map[string]string{
		"errors.0": "replies as integrators quote them",
		"errors.1": "replies as integrators quote them",
		"errors.2": "replies as integrators quote them",
		"errors.3": "not confirmed by a page",
	}
	return &p
}

var builtinAtlassianData = Provider{
	Name:  "atlassian",
	Title: "Atlassian",
	Documentation: []string{
		"https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens/",
		"https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
		"https://community.developer.atlassian.com/t/updated-31-january-2022-action-required-deprecating-persistent-refresh-tokens/54172",
		"https://community.developer.atlassian.com/t/the-old-access-token-will-be-revoked-during-the-refresh-token-exchange/83103",
	},
	Notes: []string{
		"A login without the scope offline_access returns no refresh token.",
		"A refresh ends the previous access token, and the previous pair after ten minutes at the latest.",
		"An older refresh token that is presented after those ten minutes revokes the grant.",
		"A year after the consent the user must consent again.",
		"The refresh is sent as JSON, as Atlassian documents it.",
		"There is one grant for an app and an account: a login for a second site adds that site to it.",
		"Requests go to https://api.atlassian.com/ex/jira/CLOUDID; https://api.atlassian.com/oauth/token/accessible-resources lists the ids.",
		"This is for Jira, Confluence and the other cloud products; Bitbucket has a server of its own.",
	},
	Hosts: []string{"auth.atlassian.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://auth.atlassian.com/authorize",
		Token:         "https://auth.atlassian.com/oauth/token",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is in the Atlassian developer console (developer.atlassian.com/console/myapps): the app, Settings",
	},
	Login: Login{
		Scopes:       []string{"read:me", "offline_access"},
		RefreshScope: "offline_access",
		Redirect:     "exact",
		RedirectURI:  "http://localhost:8484/callback",
		PKCE:         "none",
		Hint:         "the app needs OAuth 2.0 (3LO) with the callback URL http://localhost:8484/callback, and under Permissions the API of each scope (read:me: User identity API)",
	},
	Refresh:     Refresh{Format: "json"},
	AccessToken: AccessToken{Lifetime: 3600000000000, EndedByRefresh: true},
	RefreshToken: RefreshToken{
		Rotation:     "always",
		Grace:        600000000000,
		ReuseRevokes: true,
		Idle:         7776000000000000,
		Absolute:     31536000000000000,
	},
	API: API{Hosts: []string{"api.atlassian.com"}, Base: "https://api.atlassian.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Text:   Texts{"refresh_token is invalid"},
			Kind:   "login_required",
			Cause:  "the refresh token was replaced more than ten minutes ago, was unused for 90 days, is older than a year, or was revoked",
			Remedy: "{login again}; if it happens within the 90 days, look for a second program that refreshes the same grant",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"unknown or invalid refresh token"},
			Kind:   "login_required",
			Cause:  "the user changed the Atlassian password, the refresh token has expired, or it was replaced by a later one",
			Remedy: "{login again}; if it happens within the 90 days, look for a second program that refreshes the same grant",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"invalid authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already, has expired, or was given to another callback URL",
			Remedy: "{login again}; compare the callback URL with the developer console's, to the last slash",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Text:   Texts{"redirect_uri is not registered"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the app does not have this callback URL",
			Remedy: "add it in the developer console: the app, Authorization, OAuth 2.0 (3LO)",
		},
		Refusal{
			Code:       Texts{"access_denied"},
			Text:       Texts{"unauthorized"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is not this app's: Atlassian reports it with the code of a denied consent",
			Remedy:     "copy the secret again from the developer console: the app, Settings; and {set client_secret}",
		},
	},
}

func builtinAtlassian() *Provider {
	p := builtinAtlassianData
	p.Unofficial = map[string]string{
		"errors.0":       "issues of several clients (ParabolInc/parabol#11849)",
		"errors.2":       "Atlassian's community forum",
		"errors.3":       "issues of several clients (humanlayer/humanlayer#1068)",
		"errors.4":       "the documentation of the jira.js client",
		"login.pkce":     "Atlassian staff in the developer community: not offered",
		"login.redirect": "callback URLs on localhost are used by integrators; the documentation only asks for an exact match",
		"login.scopes":   "read:me is documented; that it is the default is freshet's choice",
	}
	p.Login.Params = map[string]string{"audience": "api.atlassian.com", "prompt": "consent"}
	return &p
}

var builtinAuth0Data = Provider{
	Name:  "auth0",
	Title: "Auth0",
	Documentation: []string{
		"https://auth0.com/docs/secure/tokens/refresh-tokens/use-refresh-tokens",
		"https://auth0.com/docs/secure/tokens/refresh-tokens/configure-refresh-token-rotation",
		"https://auth0.com/docs/secure/tokens/refresh-tokens/configure-refresh-token-expiration",
		"https://auth0.com/docs/get-started/applications/application-settings",
		"https://auth0.com/docs/troubleshoot/product-lifecycle/deprecations-and-migrations/migrate-to-non-verifiable-callback-uri-end-user-confirmation",
		"https://support.auth0.com/center/s/article/Refresh-token-leeway",
		"https://support.auth0.com/center/s/article/troubleshoot-refresh-token-unknown-or-invalid-before-expiry-403-unknown-or-invalid-refresh-token",
	},
	Notes: []string{
		"An access token is for your own API only with the parameter audience; without it, it is for userinfo.",
		"A login returns a refresh token only if the API has \"Allow Offline Access\" on and the application the grant type Refresh Token.",
		"Whether refresh tokens rotate is a setting of the application.",
		"After a rotation the previous token is accepted for the Rotation Overlap Period; an older one revokes the grant.",
		"To switch rotation on or off deletes the refresh tokens of that application and user.",
		"Since 28 April 2026 a login to a loopback callback asks the user for a confirmation by default.",
		"The application's settings say how long a refresh token lives unused (idle) and at most; both can be unlimited.",
	},
	Hosts:  []string{".auth0.com"},
	Issuer: "https://{domain}/",
	Endpoints: oauth.Endpoints{
		Authorization: "/authorize",
		Token:         "/oauth/token",
		Device:        "/oauth/device/code",
		Revocation:    "/oauth/revoke",
		Userinfo:      "/userinfo",
		JWKS:          "/.well-known/jwks.json",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in the Auth0 Dashboard under Applications, the application, Settings",
	},
	Login: Login{
		Scopes:       []string{"openid", "offline_access"},
		RefreshScope: "offline_access",
		Redirect:     "exact",
		RedirectURI:  "http://localhost:8484/callback",
		PKCE:         "S256",
		Hint:         "add http://localhost:8484/callback to the Allowed Callback URLs of the application",
	},
	AccessToken:  AccessToken{Lifetime: 86400000000000},
	RefreshToken: RefreshToken{Rotation: "setting", ReuseRevokes: true, Limit: 200},
	API:          API{Base: "https://{domain}/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"unknown or invalid refresh token"},
			Kind:   "login_required",
			Cause:  "Auth0 no longer accepts this refresh token: expired, revoked, spent by a rotation, or one of more than 200",
			Remedy: "{login again}; if it was spent, the tenant's log says so (type ferrt): let only one program refresh this grant",
		},
		Refusal{
			Code:   Texts{"mfa_required"},
			Kind:   "login_required",
			Cause:  "Auth0 requires a second factor (MFA) for this token",
			Remedy: "{login again} and confirm the second factor",
		},
		Refusal{
			Code:       Texts{"access_denied"},
			Text:       Texts{"unauthorized"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong, or sent another way than the application's settings say",
			Remedy:     "check it under Applications, the application, Settings, and the method (Post, Basic, None) under Credentials",
		},
		Refusal{
			Code:   Texts{"access_denied"},
			Text:   Texts{"global limit has been reached"},
			Kind:   "temporary",
			Cause:  "the Auth0 tenant gets more requests than its rate limit allows",
			Remedy: "try again later",
		},
		Refusal{
			Code:   Texts{"too_many_requests"},
			Kind:   "temporary",
			Cause:  "the Auth0 tenant gets more requests than its rate limit allows",
			Remedy: "try again later",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Text:   Texts{"grant type"},
			Kind:   "misconfigured",
			Cause:  "the application may not refresh",
			Remedy: "under Applications, the application, Advanced Settings, Grant Types, tick Refresh Token",
		},
		Refusal{
			Text:   Texts{"user is blocked"},
			Kind:   "login_required",
			Cause:  "the user is blocked in Auth0",
			Remedy: "have the user unblocked under User Management, Users, then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"invalid authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"failed to verify code verifier"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "Auth0 did not accept the login's PKCE code verifier",
			Remedy: "{login again}",
		},
	},
}

func builtinAuth0() *Provider {
	p := builtinAuth0Data
	p.Unofficial = map[string]string{
		"errors.2":       "questions to the maintainers of Auth0's libraries",
		"errors.3":       "Auth0's community forum",
		"errors.4":       "replies as developers quote them",
		"errors.5":       "replies as developers quote them",
		"errors.6":       "replies as developers quote them",
		"errors.7":       "Auth0's community forum",
		"errors.8":       "replies as developers quote them",
		"login.redirect": "Auth0's pages say nothing of the port of a loopback address; exact is safe",
	}
	p.Parts = map[string]Part{
		"domain": Part{
			Hint: "the tenant's domain, like acme.eu.auth0.com, or its custom domain: under Applications, the application, Settings",
		},
	}
	return &p
}

var builtinBitbucketData = Provider{
	Name:  "bitbucket",
	Title: "Bitbucket Cloud",
	Documentation: []string{
		"https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
		"https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
	},
	Notes: []string{
		"The scopes are those of the consumer: a login names none.",
		"The reply names the scopes in the member scopes.",
		"Access tokens live two hours.",
		"Client credentials return a token of the consumer's owner: freshet login bitbucket --grant client-credentials.",
		"Git takes the token as the password of the user x-token-auth.",
		"No endpoint of RFC 7009 is known: the user ends a grant under Personal settings, App authorizations.",
	},
	Hosts: []string{"bitbucket.org"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://bitbucket.org/site/oauth2/authorize",
		Token:         "https://bitbucket.org/site/oauth2/access_token",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Key: in Bitbucket under Workspace settings, OAuth consumers, the consumer",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "none",
		Hint:        "under Workspace settings, OAuth consumers, the consumer needs the callback URL http://localhost:8484/callback and its permissions",
	},
	AccessToken:  AccessToken{Lifetime: 7200000000000},
	RefreshToken: RefreshToken{Rotation: "never"},
	Reply:        Reply{},
	API:          API{Hosts: []string{"api.bitbucket.org"}, Base: "https://api.bitbucket.org/2.0/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh_token"},
			Kind:   "login_required",
			Cause:  "Bitbucket no longer accepts this refresh token: the user removed the consumer's access, or the consumer was deleted",
			Remedy: "{login again}; the user sees the access under Personal settings, App authorizations",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"code is not valid"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already or has expired",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client", "unauthorized_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Bitbucket does not know this key and secret",
			Remedy:     "copy both again from Workspace settings, OAuth consumers; and {set client_secret auth=basic}",
		},
	},
}

func builtinBitbucket() *Provider {
	p := builtinBitbucketData
	p.Unofficial = map[string]string{
		"access_token.lifetime":  "guides of integrators; the reply says it",
		"errors.0":               "replies as integrators quote them",
		"errors.1":               "replies as integrators quote them",
		"errors.2":               "replies as integrators quote them",
		"login.pkce":             "the authorization request is documented without PKCE",
		"login.redirect":         "the callback URL of a request must begin with the registered one; exact is safe",
		"refresh_token.rotation": "replies that integrators quote have the same refresh token",
	}
	p.Reply.Members = map[string]string{"scope": "scopes"}
	return &p
}

var builtinBoxData = Provider{
	Name:  "box",
	Title: "Box",
	Documentation: []string{
		"https://developer.box.com/guides/authentication/jwt/without-sdk/",
		"https://developer.box.com/guides/authentication/tokens/refresh",
		"https://developer.box.com/guides/authentication/tokens/access-tokens",
		"https://developer.box.com/guides/authentication/oauth2/oauth2-setup",
		"https://developer.box.com/guides/authentication/oauth2/without-sdk",
		"https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors",
		"https://support.box.com/hc/en-us/community/posts/360049133654-What-is-the-error-code-return-by-box-API-for-a-token-that-is-expired",
	},
	Notes: []string{
		"A refresh token works once, within 60 days; each refresh returns a new one.",
		"Box's staff and an old page of its blog say that the previous one works until the new access token is used; the reference does not.",
		"Only apps with user authentication (OAuth 2.0) have refresh tokens; apps with JWT or client credentials do not.",
		"The scopes are those of the app; a login that names none gets all of them.",
	},
	Hosts: []string{"account.box.com", "api.box.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://account.box.com/api/oauth2/authorize",
		Token:         "https://api.box.com/oauth2/token",
		Revocation:    "https://api.box.com/oauth2/revoke",
	},
	Client: Client{
		Auth:      "body",
		IDPattern: "^[a-z0-9]{32}$",
		Hint:      "it is in the Box Developer Console: choose the app, then Configuration, OAuth 2.0 Credentials",
	},
	JWTBearer: JWTBearer{
		Audiences: []Audience{Audience{Audience: "token_endpoint"}},
		Lifetime:  45000000000,
	},
	Login: Login{
		Redirect: "any_port",
		PKCE:     "none",
		Hint:     "the app needs user authentication (OAuth 2.0) and, under OAuth 2.0 Redirect URIs, a loopback address with the same path",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 5184000000000000},
	Reply:        Reply{Harmless: []string{"restricted_to"}},
	API:          API{Hosts: []string{".box.com"}, Base: "https://api.box.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token has expired"},
			Kind:   "login_required",
			Cause:  "the refresh token was used before, or 60 days passed without a refresh",
			Remedy: "{login again}; if that was much sooner than 60 days, look for a second program that refreshes the same grant",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"invalid refresh token"},
			Kind:   "login_required",
			Cause:  "the refresh token is unknown to Box: it was revoked, is another app's, or was cut off when it was copied",
			Remedy: "{login again}; the user sees and removes apps in Box under Account Settings, Integrations",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authorization code has expired"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code came too late: Box keeps it for some tens of seconds",
			Remedy: "{login again} and do not pause between the consent and the end of the login",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"auth code doesn't exist"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already or was given to another client id",
			Remedy: "{login again}; check that the client id is that of the app that asked for consent",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			Text:       Texts{"client credentials"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Box does not know an app with this client id and client secret",
			Remedy:     "copy both again from the Developer Console, Configuration, OAuth 2.0 Credentials; a reset secret takes effect at once",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Text:   Texts{"not authorized by the enterprise admin"},
			Kind:   "misconfigured",
			Cause:  "the enterprise's administrator has not approved this app, or has withdrawn the approval",
			Remedy: "a Box administrator approves the app in the Admin Console: Integrations, Platform Apps Manager",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"grant type is unauthorized for this client_id"},
			Kind:   "misconfigured",
			Cause:  "the app was made for server authentication (JWT or client credentials) and may not use refresh tokens",
			Remedy: "make an app with user authentication (OAuth 2.0) in the Developer Console: the method cannot be changed later",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"invalid grant_type parameter"},
			Kind:   "misconfigured",
			Cause:  "the request went to another Box host than api.box.com, or lost its body on the way",
			Remedy: "{set token_url=https://api.box.com/oauth2/token} and look for a proxy that rewrites requests",
		},
	},
}

func builtinBox() *Provider {
	p := builtinBoxData
	p.Unofficial = map[string]string{
		"api.hosts":         "the documented hosts of the API, widened to all of box.com",
		"client.id_pattern": "the shape of the client ids in the documentation's examples and in the support forum",
		"errors.0":          "Box staff in the support forum; that a spent token gets the same answer is seen by integrators",
		"errors.3":          "the tests of Box's iOS SDK",
		"login.pkce":        "the authorization request is documented without PKCE",
	}
	p.JWTBearer.Claims = map[string]string{"box_sub_type": "enterprise"}
	return &p
}

var builtinCalendlyData = Provider{
	Name:  "calendly",
	Title: "Calendly",
	Documentation: []string{
		"https://developer.calendly.com/refresh-token-rotation-guide",
		"https://developer.calendly.com/how-to-access-calendly-data-on-behalf-of-authenticated-users",
		"https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/post-oauth-refresh-token",
		"https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/post-oauth-revoke",
		"https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/post-oauth-introspect",
	},
	Notes: []string{
		"A refresh token works once: it is revoked as soon as the refresh succeeds, and has no expiry until then.",
		"Access tokens expire after two hours.",
		"A native app has no secret and sends its client id in the body; a web app uses HTTP Basic.",
		"No more than 8 tokens can be requested for a user in a minute.",
		"A sandbox app may use http on localhost; a production app needs https.",
	},
	Hosts: []string{"auth.calendly.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://auth.calendly.com/oauth/authorize",
		Token:         "https://auth.calendly.com/oauth/token",
		Revocation:    "https://auth.calendly.com/oauth/revoke",
		Introspection: "https://auth.calendly.com/oauth/introspect",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: at developer.calendly.com under Account, My apps, the app",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "the app needs the redirect URI http://localhost:8484/callback (sandbox) and the scopes that you name",
	},
	Revocation:   Revocation{Auth: "body"},
	AccessToken:  AccessToken{Lifetime: 7200000000000},
	RefreshToken: RefreshToken{Rotation: "always"},
	Reply:        Reply{Harmless: []string{"owner", "organization"}},
	API:          API{Hosts: []string{"api.calendly.com"}, Base: "https://api.calendly.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Calendly no longer accepts this refresh token: it was used already, or the user revoked the app",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is older than 10 minutes, was used already, or belongs to another redirect address",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Calendly does not accept the client id with this secret",
			Remedy:     "check both at developer.calendly.com, My apps; sandbox and production apps have their own",
		},
		Refusal{
			Status: 429,
			Kind:   "temporary",
			Cause:  "more than 8 tokens were requested for this user within a minute",
			Remedy: "wait a minute; let one program refresh and the others read what it saved",
			Wait:   60000000000,
		},
	},
}

func builtinCalendly() *Provider {
	p := builtinCalendlyData
	p.Unofficial = map[string]string{
		"errors.0":       "Calendly's guide has the meaning; the code is that of RFC 6749",
		"errors.1":       "the code is that of RFC 6749",
		"errors.2":       "not confirmed by a page; the code is that of RFC 6749",
		"login.pkce":     "the draft of OAuth 2.1, which Calendly says that it follows",
		"login.redirect": "a guide of an integrator to the form of Calendly's developer portal",
	}
	return &p
}

var builtinCognitoData = Provider{
	Name:  "cognito",
	Title: "Amazon Cognito",
	Documentation: []string{
		"https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html",
		"https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html",
		"https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html",
		"https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RefreshTokenRotationType.html",
		"https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html",
	},
	Notes: []string{
		"By default a refresh token expires 30 days after the login; the app client's setting is 60 minutes to 10 years.",
		"Whether a refresh replaces the refresh token is a setting of the app client; the new one lives for what was left of the old one.",
		"With rotation, the previous refresh token is accepted for the retry grace period, 0 to 60 seconds.",
		"The issuer of an id_token is https://cognito-idp.REGION.amazonaws.com/POOL, not the domain of the login.",
		"A client with a secret uses HTTP Basic; one without sends its client id in the body.",
		"A token by client credentials has no refresh token.",
		"A domain below amazoncognito.com is one customer's: a token goes only to the host of its own token endpoint.",
	},
	Hosts: []string{".amazoncognito.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://{domain}/oauth2/authorize",
		Token:         "https://{domain}/oauth2/token",
		Revocation:    "https://{domain}/oauth2/revoke",
		Userinfo:      "https://{domain}/oauth2/userInfo",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: in the Amazon Cognito console, the user pool, App clients",
	},
	Login: Login{
		Scopes:      []string{"openid"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "the app client needs http://localhost:8484/callback among its allowed callback URLs, and the scopes that you name",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "setting", Absolute: 2592000000000000},
	API:          API{Base: "https://{domain}/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token has been revoked", "refresh token has expired"},
			Kind:   "login_required",
			Cause:  "Cognito no longer accepts this refresh token: it expired, was revoked, or was replaced by a rotation",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Cognito no longer accepts this refresh token: expired, revoked, replaced, or the user was disabled or deleted",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			Text:       Texts{"invalid_client_secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong",
			Remedy:     "copy it from the Amazon Cognito console, the user pool, App clients; and {set client_secret}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Cognito does not accept the client id with this secret, or the client has no secret",
			Remedy:     "check both in the Amazon Cognito console, the user pool, App clients; without a secret {set auth=none}",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Kind:   "misconfigured",
			Cause:  "the app client may not use this grant or refresh at all",
			Remedy: "allow the grant in the console, App clients, the client, Login pages",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the app client may not ask for one of the scopes",
			Remedy: "allow it in the console, App clients, the client, Login pages, OpenID Connect scopes",
		},
	},
}

func builtinCognito() *Provider {
	p := builtinCognitoData
	p.Unofficial = map[string]string{
		"errors.0": "replies as developers quote them",
		"errors.4": "replies as developers quote them",
		"errors.5": "replies as developers quote them",
		"errors.6": "not confirmed by a page; the code is that of RFC 6749",
	}
	p.Parts = map[string]Part{
		"domain": Part{
			Hint: "the user pool's domain, like acme.auth.eu-west-1.amazoncognito.com, or its own: in the console under Branding, Domain",
		},
	}
	return &p
}

var builtinDatabricksData = Provider{
	Name:  "databricks",
	Title: "Databricks",
	Documentation: []string{
		"https://docs.databricks.com/aws/en/integrations/single-use-tokens",
		"https://docs.databricks.com/aws/en/dev-tools/auth/oauth-u2m",
		"https://learn.microsoft.com/azure/databricks/integrations/single-use-tokens",
	},
	Notes: []string{
		"Whether a refresh replaces the refresh token is a setting of the app (enable_single_use_refresh_tokens).",
		"The app's token_access_policy also has the lifetimes: of access tokens, of refresh tokens, and of the whole session.",
		"Some published apps have single use switched on without a setting.",
		"The account's own login is https://accounts.cloud.databricks.com/oidc/accounts/ACCOUNT: name it as the issuer, for its metadata.",
		"A service principal asks for tokens by client credentials with the scope all-apis, and needs no login.",
		"In Azure, tokens of Microsoft Entra are accepted as well; those are refreshed at Microsoft.",
		"Each workspace has its own host: a token goes only to the host of its own token endpoint.",
	},
	Hosts:     []string{".cloud.databricks.com", ".azuredatabricks.net", ".gcp.databricks.com"},
	Issuer:    "https://{host}/oidc",
	Endpoints: oauth.Endpoints{Authorization: "/v1/authorize", Token: "/v1/token"},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: in the account console under Settings, App connections, the app; or of the service principal",
	},
	Login: Login{
		Scopes:       []string{"all-apis", "offline_access"},
		RefreshScope: "offline_access",
		Redirect:     "exact",
		RedirectURI:  "http://localhost:8484/callback",
		PKCE:         "S256",
		PKCERequired: true,
		Hint:         "add the redirect URL http://localhost:8484/callback and the scopes to the app under Settings, App connections",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "setting"},
	API: API{
		Base:       "https://{host}/",
		Rejections: []Rejection{Rejection{Status: 403, Text: "Invalid access token"}},
	},
	Errors: []Refusal{
		Refusal{
			Text: Texts{
				"refresh token is invalid",
				"invalid refresh token",
				"refresh token has expired",
			},
			Kind:   "login_required",
			Cause:  "Databricks no longer accepts this refresh token: used already (single use), expired, or the session is over",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Databricks no longer accepts this refresh token: used already (single use), expired, or the session is over",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Databricks does not accept the client id with this secret at this host",
			Remedy:     "check both in the account console under App connections, and the part host; a new app is known after 30 minutes",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the app may not ask for one of the scopes",
			Remedy: "add it in the account console under Settings, App connections, the app",
		},
	},
}

func builtinDatabricks() *Provider {
	p := builtinDatabricksData
	p.Unofficial = map[string]string{
		"access_token.lifetime": "the value of token_access_policy in Databricks' examples; each reply has expires_in",
		"api.rejections":        "replies as developers quote them",
		"endpoints":             "the endpoints of Databricks' own SDKs; its pages show those of the account",
		"errors":                "replies as developers quote them",
		"login.redirect":        "Databricks' own tools use a fixed port on this machine",
	}
	p.Parts = map[string]Part{
		"host": Part{Hint: "the workspace's host, like dbc-a1b2345c-d6e7.cloud.databricks.com"},
	}
	return &p
}

var builtinDiscordData = Provider{
	Name:  "discord",
	Title: "Discord",
	Documentation: []string{
		"https://discord.com/developers/docs/topics/oauth2",
		"https://discord.com/.well-known/oauth-authorization-server",
	},
	Notes: []string{
		"An access token lives seven days in Discord's examples. Discord states no lifetime of refresh tokens.",
		"Revoking any token of an authorization revokes all of its tokens.",
		"Client credentials return a token of the application's owner: freshet login discord --grant client-credentials --scope identify.",
	},
	Hosts: []string{"discord.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://discord.com/oauth2/authorize",
		Token:         "https://discord.com/api/oauth2/token",
		Revocation:    "https://discord.com/api/oauth2/token/revoke",
	},
	Client: Client{
		Auth:      "basic",
		IDPattern: "^[0-9]{17,20}$",
		Hint:      "it is the Client ID: in the Discord Developer Portal under Applications, the application, OAuth2",
	},
	Login: Login{
		Scopes:      []string{"identify"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "in the Discord Developer Portal, OAuth2, the application needs the redirect http://localhost:8484/callback",
	},
	AccessToken:  AccessToken{Lifetime: 604800000000000},
	RefreshToken: RefreshToken{Rotation: "always"},
	API:          API{Base: "https://discord.com/api/v10/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already, has expired, or was given to another redirect address",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Discord no longer accepts this refresh token: it was used before, or the user removed the application",
			Remedy: "{login again}; the user sees applications in Discord under User Settings, Authorized Apps",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Discord does not know this client id and secret",
			Remedy:     "copy both again from the Developer Portal, OAuth2; and {set client_secret}",
		},
	},
}

func builtinDiscord() *Provider {
	p := builtinDiscordData
	p.Unofficial = map[string]string{
		"access_token.lifetime":  "the replies in Discord's examples; each reply has expires_in",
		"errors.0":               "replies as integrators quote them",
		"errors.1":               "replies as integrators quote them",
		"errors.2":               "replies as integrators quote them",
		"login.redirect":         "the documentation asks for a registered address; integrators use those on localhost",
		"login.scopes":           "the scope is documented; that it is the default is freshet's choice",
		"refresh_token.rotation": "the reply to a refresh has a refresh token; no page says whether it is a new one",
	}
	return &p
}

var builtinDocusignData = Provider{
	Name:  "docusign",
	Title: "Docusign",
	Documentation: []string{
		"https://developers.docusign.com/platform/auth/jwt/jwt-get-token/",
		"https://developers.docusign.com/platform/auth/confidential-authcode-get-token",
		"https://developers.docusign.com/platform/auth/reference/obtain-access-token",
		"https://developers.docusign.com/platform/auth/authcode",
		"https://www.docusign.com/blog/developers/authorization-code-grant-refresh-tokens",
	},
	Notes: []string{
		"A refresh token lives 30 days. With the scope extended each refresh returns one with a new 30 days; without it the end stays.",
		"Production and the developer environment have their own hosts, users and tokens.",
		"Requests go to the base_uri of the account, which freshet whoami shows.",
		"No endpoint of RFC 7009 is known: the user ends a grant in Docusign under Connected Apps.",
	},
	Hosts:  []string{"account.docusign.com", "account-d.docusign.com"},
	Issuer: "https://{host}",
	Endpoints: oauth.Endpoints{
		Authorization: "https://{host}/oauth/auth",
		Token:         "https://{host}/oauth/token",
		Userinfo:      "https://{host}/oauth/userinfo",
	},
	Client: Client{
		Auth:      "basic",
		IDPattern: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
		Hint:      "it is the integration key: in Docusign under Settings, Apps and Keys",
	},
	JWTBearer: JWTBearer{
		Audiences:   []Audience{Audience{Audience: "host"}},
		Lifetime:    3600000000000,
		ScopeClaim:  true,
		ConsentCode: "consent_required",
	},
	Login: Login{
		Scopes:      []string{"signature", "extended"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "under Settings, Apps and Keys, the app needs a secret key and the redirect URI http://localhost:8484/callback",
	},
	AccessToken:  AccessToken{Lifetime: 28800000000000},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 2592000000000000},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"consent_required"},
			Kind:   "login_required",
			Cause:  "the user has not agreed to the scopes of this app",
			Remedy: "{login again} and allow the access",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Docusign no longer accepts this refresh token: it is 30 days old, was used before, or was revoked",
			Remedy: "{login again}, with the scope extended so that each refresh lengthens it",
		},
	},
}

func builtinDocusign() *Provider {
	p := builtinDocusignData
	p.Unofficial = map[string]string{
		"access_token.lifetime":         "the expires_in of the samples that clients quote from Docusign's pages",
		"errors.0":                      "integrators",
		"errors.1":                      "integrators",
		"login.redirect_uri":            "integrators register addresses on localhost; the documentation only asks for an exact match",
		"login.scopes":                  "both are documented; that they are the default is freshet's choice",
		"parts.host.clouds.0.api_hosts": "the bases of accounts that integrators see",
		"refresh_token.idle":            "Docusign's page as others quote it: 30 days with the scope extended",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "account.docusign.com",
			Values:  []string{"account.docusign.com", "account-d.docusign.com"},
			Hint:    "the environment: account.docusign.com for production, account-d.docusign.com for a developer account",
			Clouds: []Cloud{
				Cloud{
					Values: []string{"account.docusign.com"},
					Hosts: []string{
						"account.docusign.com",
						"www.docusign.net",
						"na2.docusign.net",
						"na3.docusign.net",
						"na4.docusign.net",
						"ca.docusign.net",
						"eu.docusign.net",
						"au.docusign.net",
						"jp1.docusign.net",
					},
				},
				Cloud{
					Values: []string{"account-d.docusign.com"},
					Hosts:  []string{"account-d.docusign.com", "demo.docusign.net"},
				},
			},
		},
	}
	return &p
}

var builtinDropboxData = Provider{
	Name:  "dropbox",
	Title: "Dropbox",
	Documentation: []string{
		"https://developers.dropbox.com/oauth-guide",
		"https://www.dropbox.com/developers/documentation/http/documentation#oauth2-token",
		"https://dropbox.tech/developers/using-oauth-2-0-with-offline-access",
		"https://dropbox.tech/developers/migrating-app-permissions-and-access-tokens",
	},
	Notes: []string{
		"Without token_access_type=offline there is no refresh token.",
		"A refresh returns no refresh token: the one from the login stays valid until the user or the app revokes it.",
		"A login that names no scopes gets all that are ticked on the app's Permissions tab.",
		"A grant that began with PKCE and without the app secret is refreshed without it.",
		"Dropbox has no endpoint of RFC 7009: auth/token/revoke of its API ends the grant of the access token that it is called with.",
	},
	Hosts: []string{"www.dropbox.com", "api.dropboxapi.com", "api.dropbox.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://www.dropbox.com/oauth2/authorize",
		Token:         "https://api.dropboxapi.com/oauth2/token",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the App key: at dropbox.com/developers/apps, the app, Settings",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "add the redirect URI http://localhost:8484/callback on the app's Settings tab",
	},
	AccessToken:  AccessToken{Lifetime: 14400000000000},
	RefreshToken: RefreshToken{Rotation: "never"},
	Reply:        Reply{Harmless: []string{"account_id", "team_id", "uid"}},
	API: API{
		Hosts: []string{"content.dropboxapi.com", "notify.dropboxapi.com"},
		Base:  "https://api.dropboxapi.com/",
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token is invalid or revoked"},
			Kind:   "login_required",
			Cause:  "the user disconnected the app, or the refresh token was revoked",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token is malformed"},
			Kind:   "login_required",
			Cause:  "the saved refresh token is not a refresh token; often it is the login's code or an access token",
			Remedy: "{login again} and keep the refresh token of the reply",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"code doesn't exist or has expired"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the app key or the app secret is wrong",
			Remedy:     "check both at dropbox.com/developers/apps, the app, Settings",
		},
	},
}

func builtinDropbox() *Provider {
	p := builtinDropboxData
	p.Unofficial = map[string]string{
		"errors.0":               "issues of programs that use Dropbox",
		"errors.1":               "issues of programs that use Dropbox",
		"errors.2":               "replies as users of Dropbox quote them",
		"refresh_token.rotation": "replies to a refresh have no refresh token, as Dropbox's libraries show; no page says that it stays",
	}
	p.Login.Params = map[string]string{"token_access_type": "offline"}
	return &p
}

var builtinEbayData = Provider{
	Name:  "ebay",
	Title: "eBay",
	Documentation: []string{
		"https://developer.ebay.com/api-docs/static/oauth-auth-code-grant-request.html",
		"https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html",
		"https://developer.ebay.com/api-docs/static/oauth-client-credentials-grant.html",
		"https://developer.ebay.com/api-docs/static/oauth-best-practices.html",
		"https://developer.ebay.com/support/faq",
		"https://developer.ebay.com/support/kb-article?KBid=5075",
	},
	Notes: []string{
		"The redirect address of the requests is the RuName, eBay's name for your page: --redirect-uri takes it, with --paste or --callback-url.",
		"Production and the sandbox have their own keys, users and tokens.",
		"A user token lives two hours, its refresh token 18 months from the login; a refresh returns no refresh token.",
		"An application token needs no person: freshet login ebay --grant client-credentials --scope https://api.ebay.com/oauth/api_scope.",
		"The older APIs (Trading) take the token in the header X-EBAY-API-IAF-TOKEN.",
		"No endpoint of RFC 7009 is known: the user ends a grant in the eBay account, under third-party access.",
	},
	Hosts: []string{
		"api.ebay.com",
		"auth.ebay.com",
		"api.sandbox.ebay.com",
		"auth.sandbox.ebay.com",
	},
	Endpoints: oauth.Endpoints{Token: "https://{host}/identity/v1/oauth2/token"},
	Client: Client{
		Auth: "basic",
		Hint: "it is the App ID (Client ID): at developer.ebay.com under Application Keys; the Cert ID is the client secret",
	},
	Login: Login{
		Scopes:   []string{"https://api.ebay.com/oauth/api_scope"},
		Redirect: "https",
		PKCE:     "none",
		Hint:     "under User Tokens the app needs an OAuth-enabled RuName; pass it as --redirect-uri, with --paste or --callback-url",
	},
	AccessToken:  AccessToken{Lifetime: 7200000000000},
	RefreshToken: RefreshToken{Rotation: "never", Absolute: 47260800000000000},
	API: API{
		Base: "https://{host}/",
		Rejections: []Rejection{
			Rejection{Status: 200, Text: "<ErrorCode>21917053</ErrorCode>"},
			Rejection{Status: 200, Text: "<ErrorCode>21916984</ErrorCode>"},
		},
		Scheme: "Bearer",
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token is invalid or was issued to another client"},
			Kind:   "login_required",
			Cause:  "eBay no longer accepts this refresh token: it is 18 months old, was revoked, or is another client's or environment's",
			Remedy: "check that the App ID is the one of the login; then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authorization grant code is invalid"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already, has expired, or was given to another App ID or RuName",
			Remedy: "{login again}; if it happens at once, compare the RuName with the one under User Tokens",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "eBay does not know this App ID and Cert ID on this host",
			Remedy:     "copy both again from Application Keys: production and the sandbox have one pair each",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the app may not have a scope, or the login did not include it",
			Remedy: "{login again scope}: those that Application Keys lists for the app",
		},
	},
}

func builtinEbay() *Provider {
	p := builtinEbayData
	p.Unofficial = map[string]string{
		"api.rejections":         "the codes are those of the Trading API's list of errors; that the text identifies them is freshet's choice",
		"errors.0":               "the same text in the tests and logs of many clients",
		"errors.1":               "the source of several clients",
		"errors.2":               "the source of several clients",
		"errors.3":               "the same text in the tests and logs of many clients",
		"login.pkce":             "the authorization request is documented without PKCE",
		"login.scopes":           "the scope is documented; that it is the default is freshet's choice",
		"refresh_token.rotation": "replies to a refresh have no refresh token; no page says that it stays",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "api.ebay.com",
			Values:  []string{"api.ebay.com", "api.sandbox.ebay.com"},
			Hint:    "the environment of the keys: api.ebay.com, or api.sandbox.ebay.com for an App ID with SBX in it",
			Clouds: []Cloud{
				Cloud{
					Values:    []string{"api.ebay.com"},
					Endpoints: oauth.Endpoints{Authorization: "https://auth.ebay.com/oauth2/authorize"},
					Hosts:     []string{"api.ebay.com", "apiz.ebay.com"},
				},
				Cloud{
					Values:    []string{"api.sandbox.ebay.com"},
					Endpoints: oauth.Endpoints{Authorization: "https://auth.sandbox.ebay.com/oauth2/authorize"},
					Hosts:     []string{"api.sandbox.ebay.com", "apiz.sandbox.ebay.com"},
				},
			},
		},
	}
	return &p
}

var builtinExactOnlineData = Provider{
	Name:  "exact-online",
	Title: "Exact Online",
	Documentation: []string{
		"https://support.exactonline.com/community/s/knowledge-base#All-All-DNO-Content-oauth-eol-oauth-dev-impleovervw",
		"https://support.exactonline.com/community/s/knowledge-base#All-All-DNO-Content-oauth-eol-oauth-devstep2",
		"https://support.exactonline.com/community/s/knowledge-base#All-All-DNO-Content-oauth-eol-oauth-devstep3",
	},
	Notes: []string{
		"An access token lives ten minutes, and Exact refuses a refresh in the first nine and a half of them.",
		"A refresh returns a new refresh token, and the one before works no more. Unused, it lives 30 days.",
		"Each country has its own site, with its own login and API; the part host names it.",
		"The division that every call of the API needs is in https://HOST/api/v1/current/Me.",
		"No page of Exact names an endpoint that revokes tokens; the user ends the grant under My account, Apps.",
	},
	Hosts: []string{
		"start.exactonline.nl",
		"start.exactonline.be",
		"start.exactonline.de",
		"start.exactonline.fr",
		"start.exactonline.es",
		"start.exactonline.co.uk",
		"start.exactonline.com",
	},
	Endpoints: oauth.Endpoints{
		Authorization: "https://{host}/api/oauth2/auth",
		Token:         "https://{host}/api/oauth2/token",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in the Exact Online App Center (apps.exactonline.com), Manage my apps, the app",
	},
	Login: Login{
		Redirect: "https",
		PKCE:     "none",
		Hint:     "register an app in the App Center of the country, with a redirect URI that is https",
	},
	Refresh:      Refresh{NotBefore: 30000000000},
	AccessToken:  AccessToken{Lifetime: 600000000000},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 2592000000000000},
	API:          API{Base: "https://{host}/"},
	Errors: []Refusal{
		Refusal{
			Text:   Texts{"access_token not expired"},
			Kind:   "temporary",
			Cause:  "Exact refuses a refresh in the first nine and a half minutes of the access token",
			Remedy: "nothing to do: the saved access token is used; let only one program refresh this grant",
			Wait:   30000000000,
		},
		Refusal{
			Code:   Texts{"invalid_grant", "unauthorized_client"},
			Kind:   "login_required",
			Cause:  "Exact no longer accepts this refresh token: it was used already, unused for 30 days, or revoked",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or was sent in its encoded form",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "this country's site does not know the client id, or the client secret is wrong",
			Remedy:     "check both in the App Center, Manage my apps, and the part host",
		},
	},
}

func builtinExactOnline() *Provider {
	p := builtinExactOnlineData
	p.Unofficial = map[string]string{
		"errors.0":               "the source of many clients",
		"errors.1":               "replies as integrators quote them",
		"errors.2":               "replies as integrators quote them",
		"errors.3":               "replies as integrators quote them",
		"hosts":                  "Exact's pages show the Dutch site; the others are from integrators",
		"login.pkce":             "the authorization request is documented without PKCE",
		"refresh_token.rotation": "integrators agree; Exact's page says only that each reply has a refresh token",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Values: []string{
				"start.exactonline.nl",
				"start.exactonline.be",
				"start.exactonline.de",
				"start.exactonline.fr",
				"start.exactonline.es",
				"start.exactonline.co.uk",
				"start.exactonline.com",
			},
			Hint: "the site of the country, as in the address of the browser: start.exactonline.nl",
		},
	}
	return &p
}

var builtinFacebookData = Provider{
	Name:  "facebook",
	Title: "Facebook",
	Documentation: []string{
		"https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived",
		"https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
		"https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging",
		"https://developers.facebook.com/docs/graph-api/guides/error-handling",
		"https://developers.facebook.com/docs/graph-api/changelog",
	},
	Notes: []string{
		"There is no refresh token: a long-lived access token, valid for about 60 days, is itself exchanged for a new one.",
		"A token that has expired cannot be exchanged: one exchange within 60 days is needed, or a login.",
		"The exchange is a GET, with the app secret and the token in the address: keep addresses out of logs.",
		"A person's consent to the use of data ends 90 days after the last use of the app, with the token still valid.",
		"The type of most errors is OAuthException; code and error_subcode tell them apart, and the message follows them.",
	},
	Hosts: []string{"www.facebook.com", "graph.facebook.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://www.facebook.com/{version}/dialog/oauth",
		Token:         "https://graph.facebook.com/{version}/oauth/access_token",
	},
	Client: Client{
		Auth:      "body",
		IDPattern: "^[0-9]+$",
		Hint:      "it is the app ID: in the App Dashboard (developers.facebook.com/apps) open the app, App settings, Basic",
	},
	Login: Login{
		Scopes:      []string{"public_profile"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "none",
		Hint:        "the app needs Facebook Login; http://localhost works in development mode, a live app needs an https address under Valid OAuth Redirect URIs",
	},
	Refresh:      Refresh{Method: "GET", GrantType: "fb_exchange_token", Parameter: "fb_exchange_token"},
	AccessToken:  AccessToken{Lifetime: 5184000000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes", StaysValid: true, Idle: 5184000000000000},
	Reply:        Reply{},
	API: API{
		Hosts: []string{".facebook.com"},
		Base:  "https://graph.facebook.com/",
		Rejections: []Rejection{
			Rejection{Status: 400, Text: "\"code\":190,"},
			Rejection{Status: 400, Text: "Error validating access token"},
		},
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"has not authorized application"},
			Kind:   "login_required",
			Cause:  "the person removed the app (subcode 458)",
			Remedy: "{login again}; the person sees and removes apps in Facebook under Settings, Apps and websites",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"cannot access the app till you log in"},
			Kind:   "login_required",
			Cause:  "Facebook has suspended the account until its owner follows the instructions (subcode 459)",
			Remedy: "the person logs in at www.facebook.com and follows the instructions; then {login again}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"session has been invalidated because the user"},
			Kind:   "login_required",
			Cause:  "the person changed the password, or Facebook ended the session for security (subcode 460)",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"session has expired"},
			Kind:   "login_required",
			Cause:  "the access token expired before it was exchanged (subcode 463)",
			Remedy: "{login again}; a token has to be exchanged at least once in its 60 days",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"not a confirmed user"},
			Kind:   "login_required",
			Cause:  "the account is not confirmed or was suspended (subcode 464)",
			Remedy: "the person logs in at www.facebook.com and confirms the account; then {login again}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"session was explicitly invalidated"},
			Kind:   "login_required",
			Cause:  "the token was revoked through the API (subcode 466)",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"session is invalid because the user logged out"},
			Kind:   "login_required",
			Cause:  "the person logged out of Facebook (subcode 467)",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"invalid application id"},
			Kind:   "misconfigured",
			Cause:  "no app has this app ID, or the token has lost a part when it was copied (code 101)",
			Remedy: "compare the client id with the app ID in the App Dashboard: App settings, Basic",
		},
		Refusal{
			Code:       Texts{"OAuthException"},
			Text:       Texts{"error validating client secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the app secret is wrong or was reset (code 1)",
			Remedy:     "copy it again from the App Dashboard: App settings, Basic, App secret; and {set client_secret}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"missing client_id parameter"},
			Kind:   "misconfigured",
			Cause:  "the request named no app",
			Remedy: "{set client_id}: the app ID",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"authorization code has been used", "authorization code has expired"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already, or came too late",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"verification code format"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was cut off or changed on the way",
			Remedy: "{login again}, and paste the whole address if you paste one",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"redirect_uri is identical"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the redirect address is not that of the authorization request, or the code was used already (subcode 36008)",
			Remedy: "{login again}; compare the address with Valid OAuth Redirect URIs in the App Dashboard: Facebook Login, Settings",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"request limit reached"},
			Kind:   "temporary",
			Cause:  "the app or the person has made too many requests (code 4 or 17)",
			Remedy: "nothing to do now: the limit ends within an hour; the App Dashboard shows the use",
			Wait:   3600000000000,
		},
		Refusal{
			Code: Texts{"OAuthException"},
			Text: Texts{
				"retry your request later",
				"unknown error",
				"temporarily unavailable",
				"system error",
			},
			Kind:   "temporary",
			Cause:  "Facebook has a temporary fault (code 1 or 2)",
			Remedy: "nothing to do now: it is tried again",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"api access blocked"},
			Kind:   "misconfigured",
			Cause:  "Facebook has restricted the app (code 200)",
			Remedy: "see the alerts in the App Dashboard and appeal there",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"error validating access token"},
			Kind:   "login_required",
			Cause:  "the access token has expired, was revoked or is otherwise not valid (code 190)",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"OAuthException"},
			Text:   Texts{"access token"},
			Kind:   "login_required",
			Cause:  "what was sent is not an access token of Facebook's, or has lost a part when it was copied (code 190)",
			Remedy: "{login again}",
		},
	},
}

func builtinFacebook() *Provider {
	p := builtinFacebookData
	p.Unofficial = map[string]string{
		"api.hosts":                 "the documented host of the API, widened to all of facebook.com",
		"api.rejections":            "the form is documented; that the text identifies it is freshet's choice",
		"errors.0":                  "the wording is from clients' logs; subcode 458 is documented",
		"errors.1":                  "the wording is from clients' logs; subcode 459 is documented",
		"errors.10":                 "the source of the ScribeJava client",
		"errors.11":                 "the source of several clients",
		"errors.12":                 "issues of several clients",
		"errors.13":                 "the wording is from clients' logs; the codes are documented",
		"errors.14":                 "the wording is from clients' logs; the codes are documented",
		"errors.15":                 "integrators",
		"errors.17":                 "the wording is from clients' logs; the code is documented",
		"errors.2":                  "the wording is from clients' logs; subcode 460 is documented",
		"errors.4":                  "the wording is from clients' logs; subcode 464 is documented",
		"errors.5":                  "an old list of subcodes",
		"errors.6":                  "the wording is from clients' logs; subcode 467 is documented",
		"errors.7":                  "the source of several clients",
		"errors.8":                  "the source of several clients",
		"errors.9":                  "integrators",
		"login.pkce":                "the code flow with a secret is documented without PKCE",
		"login.redirect":            "the App Dashboard: in development mode redirects to localhost need no registration",
		"refresh_token.rotation":    "integrators: an exchange soon after the last may bring the same token",
		"refresh_token.stays_valid": "integrators: the token that was exchanged keeps working until its own end",
		"reply.members.expires_in":  "integrators: replies in form encoding, as versions before 2.3 had, name it so",
	}
	p.Parts = map[string]Part{"version": Part{Default: "v26.0", Hint: "the version of the Graph API"}}
	p.Reply.Members = map[string]string{
		"error":             "error.type",
		"error_description": "error.message",
		"expires_in":        "expires",
		"refresh_token":     "access_token",
	}
	return &p
}

var builtinFigmaData = Provider{
	Name:  "figma",
	Title: "Figma",
	Documentation: []string{
		"https://developers.figma.com/docs/rest-api/authentication/",
		"https://developers.figma.com/docs/rest-api/scopes/",
		"https://developers.figma.com/docs/rest-api/changelog/",
		"https://github.com/figma/rest-api-spec",
	},
	Notes: []string{
		"Since 16 May 2025 refreshes go to the token endpoint; Figma still answers at /v1/oauth/refresh, where they went before.",
		"A refresh returns an access token only: the refresh token of the login stays.",
		"The API answers 403, not 401, to an access token that has expired or is wrong.",
		"The user is user_id_string in the reply to a login; user_id is a number too large for many programs.",
		"No page of Figma names an endpoint that revokes tokens; the user removes the app under Settings, Connected apps.",
	},
	Hosts: []string{"www.figma.com", "api.figma.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://www.figma.com/oauth",
		Token:         "https://api.figma.com/v1/oauth/token",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: at figma.com/developers/apps, the app, OAuth credentials",
	},
	Login: Login{
		Scopes:      []string{"current_user:read"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "add the redirect URL http://localhost:8484/callback and the scopes that you need to the app",
	},
	AccessToken:  AccessToken{Lifetime: 7776000000000000},
	RefreshToken: RefreshToken{Rotation: "never"},
	Reply:        Reply{Harmless: []string{"user_id", "user_id_string"}},
	API: API{
		Base: "https://api.figma.com/",
		Rejections: []Rejection{
			Rejection{Status: 403, Text: "\"err\":\"Token expired\""},
			Rejection{Status: 403, Text: "\"err\":\"Invalid token\""},
		},
	},
	Errors: []Refusal{
		Refusal{
			Text:   Texts{"invalid refresh token", "invalid refresh_token"},
			Kind:   "login_required",
			Cause:  "Figma no longer accepts this refresh token: the user removed the app, or the token is another app's",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"invalid code", "code has expired"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is older than 30 seconds or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Text:       Texts{"invalid client", "client_id", "client_secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Figma does not accept the client id with this secret",
			Remedy:     "check both at figma.com/developers/apps, the app, OAuth credentials",
		},
		Refusal{
			Text:   Texts{"redirect"},
			Kind:   "misconfigured",
			Cause:  "the redirect address is not one of the app's",
			Remedy: "add it at figma.com/developers/apps, the app, letter for letter",
		},
	},
}

func builtinFigma() *Provider {
	p := builtinFigmaData
	p.Unofficial = map[string]string{
		"access_token.lifetime":  "replies as integrators quote them; each has expires_in",
		"api.rejections":         "replies as developers quote them",
		"errors":                 "replies as developers quote them",
		"login.pkce":             "the requests of libraries; Figma's pages show none",
		"refresh_token.rotation": "integrators: the reply to a refresh has no refresh token",
	}
	return &p
}

var builtinFirebaseData = Provider{
	Name:  "firebase",
	Title: "Firebase",
	Documentation: []string{
		"https://firebase.google.com/docs/reference/rest/auth",
		"https://firebase.google.com/docs/auth/admin/manage-sessions",
		"https://cloud.google.com/docs/authentication/api-keys-use",
	},
	Notes: []string{
		"There is no authorization endpoint: sign in with a Firebase SDK or its REST API, and import the reply.",
		"The client is the project's Web API key, which Google does not consider a secret. It has no client secret.",
		"The access token is the user's ID token. It lives an hour.",
		"A refresh token ends only when the user is deleted or disabled, or after a change of password or email address.",
		"The service accounts of a project are Google's: this is for its users.",
		"The Admin SDK ends all sessions of a user; there is no endpoint of RFC 7009.",
		"A host of the Realtime Database belongs to one project. Tokens go there only if you name it for the connection.",
	},
	Hosts:     []string{"securetoken.googleapis.com"},
	Endpoints: oauth.Endpoints{Token: "https://securetoken.googleapis.com/v1/token"},
	Client: Client{
		IDPattern: "^AIza[A-Za-z0-9_-]+$",
		Hint:      "it is the Web API key: in the Firebase console under Project settings, General",
		IDHeader:  "X-Goog-Api-Key",
	},
	Login: Login{
		Hint: "Firebase has no authorization endpoint: sign in with an SDK, and import the reply",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes"},
	Reply:        Reply{Harmless: []string{"user_id", "project_id"}},
	API: API{
		Hosts: []string{
			"firestore.googleapis.com",
			"firebasestorage.googleapis.com",
			"identitytoolkit.googleapis.com",
		},
		Rejections: []Rejection{
			Rejection{Status: 400, Text: "INVALID_ID_TOKEN"},
			Rejection{Status: 400, Text: "TOKEN_EXPIRED"},
		},
	},
	Errors: []Refusal{
		Refusal{
			Text:   Texts{"token_expired", "invalid_refresh_token"},
			Kind:   "login_required",
			Cause:  "Firebase no longer accepts this refresh token: the user's sessions were revoked, or the password or email address changed",
			Remedy: "sign the user in again, and import that reply",
		},
		Refusal{
			Text:   Texts{"user_disabled"},
			Kind:   "login_required",
			Cause:  "the user is disabled",
			Remedy: "enable the user in the Firebase console under Authentication, Users, then sign in again",
		},
		Refusal{
			Text:   Texts{"user_not_found"},
			Kind:   "login_required",
			Cause:  "the user was deleted",
			Remedy: "sign in as another user, and import that reply",
		},
		Refusal{
			Text:   Texts{"project_number_mismatch", "credential_mismatch"},
			Kind:   "misconfigured",
			Cause:  "the refresh token is of another project than the API key",
			Remedy: "{set client_id}: the Web API key of the project that the user signed in to",
		},
		Refusal{
			Text:   Texts{"api key not valid", "api key expired", "api_key_invalid"},
			Kind:   "misconfigured",
			Cause:  "Firebase does not accept the API key",
			Remedy: "{set client_id}: the Web API key under Project settings, General",
		},
	},
}

func builtinFirebase() *Provider {
	p := builtinFirebaseData
	p.Unofficial = map[string]string{
		"api.hosts":         "the documented hosts of Firestore, Storage and Authentication",
		"client.id_header":  "Google documents the header for its APIs; the page on this endpoint has the key in the address",
		"client.id_pattern": "the shape of the API keys in Google's examples",
		"errors.0":          "the codes are documented; the wording of the explanation is freshet's",
	}
	p.Reply.Members = map[string]string{
		"access_token":      "id_token",
		"error":             "error.status",
		"error_description": "error.message",
		"refresh_token":     "refreshToken",
	}
	return &p
}

var builtinFitbitData = Provider{
	Name:  "fitbit",
	Title: "Fitbit",
	Documentation: []string{
		"https://dev.fitbit.com/build/reference/web-api/authorization/refresh-token",
		"https://dev.fitbit.com/build/reference/web-api/authorization/oauth2-token",
		"https://dev.fitbit.com/build/reference/web-api/developer-guide/best-practices",
		"https://dev.fitbit.com/build/reference/web-api/troubleshooting-guide/error-handling",
		"https://dev.fitbit.com/build/reference/web-api/oauth2-additions/",
		"https://developers.google.com/health/about",
	},
	Notes: []string{
		"Google announced the end of the Web API and of its OAuth endpoints for 2 November 2026. From then on they answer 410.",
		"The Google Health API takes their place, with Google's login.",
		"A refresh token works once and does not expire; each refresh returns a new one.",
		"Of a refresh token that was lost, Fitbit's support may allow the recovery.",
		"An app of the type Server authenticates with Basic; one of the type Client or Personal sends its client id and uses PKCE.",
	},
	Hosts: []string{"www.fitbit.com", "api.fitbit.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://www.fitbit.com/oauth2/authorize",
		Token:         "https://api.fitbit.com/oauth2/token",
		Revocation:    "https://api.fitbit.com/oauth2/revoke",
		Introspection: "https://api.fitbit.com/1.1/oauth2/introspect",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the OAuth 2.0 Client ID: at dev.fitbit.com under Manage, Your apps, the app",
	},
	Login: Login{
		Scopes:      []string{"profile"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "at dev.fitbit.com the app needs the redirect URL http://localhost:8484/callback",
	},
	AccessToken:  AccessToken{Lifetime: 28800000000000},
	RefreshToken: RefreshToken{Rotation: "always"},
	Reply:        Reply{Harmless: []string{"user_id"}},
	API:          API{Base: "https://api.fitbit.com/"},
	Errors: []Refusal{
		Refusal{
			Status: 410,
			Kind:   "misconfigured",
			Cause:  "Fitbit's Web API has ended; Google announced that for 2 November 2026",
			Remedy: "use the Google Health API, with a login at the provider google",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token invalid"},
			Kind:   "login_required",
			Cause:  "Fitbit no longer accepts this refresh token: it was used before, or the user removed the app",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already or is older than ten minutes",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Fitbit does not know this client id and secret",
			Remedy:     "copy both again from Your apps; an app of the type Server needs its secret: {set client_secret auth=basic}",
		},
	},
}

func builtinFitbit() *Provider {
	p := builtinFitbitData
	p.Unofficial = map[string]string{
		"endpoints.introspection_endpoint": "integrators",
		"errors.1.text":                    "replies as integrators quote them; the type is documented",
		"errors.2":                         "replies as integrators quote them",
		"login.redirect":                   "the documentation asks for an exact match; integrators use addresses on localhost",
		"login.scopes":                     "the scope is documented; that it is the default is freshet's choice",
	}
	p.Reply.Members = map[string]string{"error": "errors.0.errorType", "error_description": "errors.0.message"}
	return &p
}

var builtinGenericData = Provider{
	Name:  "generic",
	Title: "the provider",
	Documentation: []string{
		"https://www.rfc-editor.org/rfc/rfc6749",
		"https://www.rfc-editor.org/rfc/rfc8628",
	},
	Client:      Client{Hint: "the provider issued it when the application was registered"},
	AccessToken: AccessToken{Lifetime: 3600000000000},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"offline session not active", "offline user session not found"},
			Kind:   "login_required",
			Cause:  "the offline session of this login has ended: it expired, was not used for too long, or was revoked",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"session not active", "session doesn't have required client"},
			Kind:   "login_required",
			Cause:  "the browser session of this login has ended, and the grant with it",
			Remedy: "{login again}; for a grant that outlives the session, request the scope offline_access",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "the refresh token was refused: it expired, was revoked, was already used, or belongs to another client",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the provider did not accept the login's code: it was used already, has expired, or belongs to another client or redirect address",
			Remedy: "{login again}; if it happens at once, check the client id and the redirect address",
		},
		Refusal{
			Code:   Texts{"access_denied"},
			Kind:   "login_required",
			Cause:  "consent was denied",
			Remedy: "{login again} and allow the access",
		},
		Refusal{
			Code:   Texts{"expired_token"},
			Kind:   "login_required",
			Cause:  "the code was not confirmed in time",
			Remedy: "{login again} and confirm the code at once",
		},
		Refusal{
			Code:   Texts{"authorization_pending"},
			Kind:   "temporary",
			Cause:  "the code has not been confirmed yet",
			Remedy: "confirm it in a browser",
		},
		Refusal{
			Code:   Texts{"slow_down"},
			Kind:   "temporary",
			Cause:  "the provider asks for a longer polling interval",
			Remedy: "wait",
		},
		Refusal{
			Code: Texts{"invalid_client", "unauthorized_client", "invalid_request"},
			Text: Texts{
				"requires authentication",
				"no client authentication mechanism",
				"client authentication required",
				"client authentication is required",
			},
			Kind:   "misconfigured",
			Cause:  "the server expects this client to authenticate, and found no client secret where it looks for one",
			Remedy: "{set client_secret}; if it is known, {set auth=basic}, or body",
		},
		Refusal{
			Code:   Texts{"invalid_client", "unauthorized_client", "invalid_request"},
			Text:   Texts{"token_endpoint_auth_method", "supports client authentication method"},
			Kind:   "misconfigured",
			Cause:  "the server expects this client to authenticate in another way",
			Remedy: "if it expects the client secret in the Authorization header, {set auth=basic}, if in the body {set auth=body}, without one {set auth=none}",
		},
		Refusal{
			Code:       Texts{"unauthorized_client", "invalid_request"},
			Text:       Texts{"client secret", "client_secret", "client credentials"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the server does not accept the client secret",
			Remedy:     "check the client id and the client secret; if the server expects the secret in the Authorization header, {set auth=basic}, if in the body {set auth=body}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the server does not accept the client id or the client secret",
			Remedy:     "check both; if the server expects the secret in the Authorization header, {set auth=basic}, if in the body {set auth=body}",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "this client may not log in this way",
			Remedy: "check the client id and the client secret, and allow this kind of login in the application's registration",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Kind:   "misconfigured",
			Cause:  "this client may not use refresh tokens",
			Remedy: "allow the refresh grant in the application's registration, or use the client id that the token was issued to",
		},
		Refusal{
			Code:   Texts{"unsupported_grant_type"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the token endpoint does not know this kind of login",
			Remedy: "check the token endpoint's address, or log in another way",
		},
		Refusal{
			Code:   Texts{"unsupported_grant_type"},
			Kind:   "misconfigured",
			Cause:  "the token endpoint does not know the refresh grant",
			Remedy: "check the token endpoint's address",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the server does not know a scope that was requested, or this client may not have it",
			Remedy: "allow it in the application's registration, or {login again scope}",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the scope that was granted is no longer allowed",
			Remedy: "allow it in the application's registration, or {login again} with fewer scopes",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Kind:   "misconfigured",
			Cause:  "the server did not understand the request",
			Remedy: "check the token endpoint's address and how the client authenticates",
		},
		Refusal{
			Code:   Texts{"unsupported_token_type"},
			Kind:   "misconfigured",
			Cause:  "the provider does not revoke tokens of this kind",
			Remedy: "end the grant in the provider's own settings",
		},
		Refusal{
			Status: 429,
			Kind:   "temporary",
			Cause:  "the provider's rate limit was reached",
			Remedy: "try again later",
		},
		Refusal{
			Status: 503,
			Kind:   "temporary",
			Cause:  "the provider is not available now",
			Remedy: "try again later",
		},
		Refusal{
			Status: 404,
			Kind:   "misconfigured",
			Cause:  "there is no token endpoint at this address",
			Remedy: "check the token endpoint's address",
		},
	},
}

func builtinGeneric() *Provider {
	p := builtinGenericData
	p.Unofficial = map[string]string{
		"access_token.lifetime": "a guess: too short costs a refresh, too long a request that is refused",
	}
	return &p
}

var builtinGithubData = Provider{
	Name:  "github",
	Title: "GitHub",
	Documentation: []string{
		"https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app",
		"https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens",
		"https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
		"https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors",
		"https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors",
		"https://docs.github.com/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation",
		"https://github.com/orgs/community/discussions/204963",
		"https://cli.github.com/manual/gh_help_environment",
		"https://github.blog/changelog/2025-07-14-pkce-support-for-oauth-and-github-app-authentication",
	},
	Notes: []string{
		"The user tokens of a GitHub App expire after eight hours and are refreshed, unless the app opted out.",
		"Those of an OAuth App do so if the app's settings say it, or if the login requests the scope offline_access.",
		"Other tokens of an OAuth App have no expires_in and no refresh token. GitHub revokes one that is unused for a year.",
		"A refresh revokes the previous refresh token and access token at once.",
		"A refresh token lives six months; each refresh returns a new one.",
		"The user tokens of a GitHub App have the app's permissions and no scopes.",
		"An OAuth App may have ten tokens for the same user and scopes; one more ends the oldest.",
		"A refresh of a grant that began with the device flow needs no client secret.",
		"GitHub answers an error with status 200, and in form encoding unless it is asked for JSON.",
		"GitHub has no endpoint of RFC 7009: tokens are ended with DELETE /applications/CLIENT_ID/token of its REST API.",
	},
	Hosts:  []string{"github.com", ".ghe.com"},
	Issuer: "https://{host}/login/oauth",
	Endpoints: oauth.Endpoints{
		Authorization: "https://{host}/login/oauth/authorize",
		Token:         "https://{host}/login/oauth/access_token",
		Device:        "https://{host}/login/device/code",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID, not the App ID: under Settings, Developer settings, GitHub Apps or OAuth Apps, the app",
	},
	Login: Login{
		Scopes:       []string{"offline_access"},
		RefreshScope: "offline_access",
		Redirect:     "any_port",
		PKCE:         "S256",
		Hint:         "register http://127.0.0.1/callback as a callback URL, or tick \"Enable Device Flow\" in the app's settings",
	},
	AccessToken: AccessToken{
		Lifetime:                  28800000000000,
		PermanentWithoutExpiresIn: true,
		EndedByRefresh:            true,
		Variables:                 []string{"GH_TOKEN", "GITHUB_TOKEN"},
	},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 15811200000000000},
	API:          API{Hosts: []string{"{host}", "api.{host}", "uploads.{host}"}},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"bad_refresh_token"},
			Kind:   "login_required",
			Cause:  "GitHub no longer accepts this refresh token: used already, older than six months, or the user revoked the app",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:       Texts{"incorrect_client_credentials"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client id or the client secret is wrong; often it is the App ID instead of the Client ID",
			Remedy:     "check both under Settings, Developer settings, the app; a new secret can be generated there",
		},
		Refusal{
			Code:   Texts{"bad_verification_code"},
			Kind:   "login_required",
			Cause:  "the login's code is wrong or has expired (after ten minutes)",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"redirect_uri_mismatch"},
			Kind:   "misconfigured",
			Cause:  "the redirect address is not one of the app's callback URLs",
			Remedy: "add it under Settings, Developer settings, the app, Callback URL",
		},
		Refusal{
			Code:   Texts{"unverified_user_email"},
			Kind:   "login_required",
			Cause:  "the user's primary email address at GitHub is not verified",
			Remedy: "verify it at GitHub under Settings, Emails, then {login again}",
		},
		Refusal{
			Code:   Texts{"device_flow_disabled"},
			Kind:   "misconfigured",
			Cause:  "the app may not use the device flow",
			Remedy: "tick \"Enable Device Flow\" under Settings, Developer settings, the app",
		},
		Refusal{
			Code:   Texts{"incorrect_device_code"},
			Kind:   "login_required",
			Cause:  "GitHub does not know the device code",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"token_expired"},
			Kind:   "login_required",
			Cause:  "the device code was not confirmed in time",
			Remedy: "{login again} and confirm the code at once",
		},
		Refusal{
			Code:   Texts{"application_suspended"},
			Kind:   "misconfigured",
			Cause:  "GitHub has suspended the app",
			Remedy: "ask GitHub's support",
		},
	},
}

func builtinGithub() *Provider {
	p := builtinGithubData
	p.Unofficial = map[string]string{
		"errors.0":       "replies as users of GitHub quote them; its pages do not list it",
		"issuer":         "the value of iss in GitHub's callbacks, as a release of next-auth reports it",
		"login.redirect": "the page on OAuth Apps allows any port on a loopback address; the page on GitHub Apps requires an exact match",
		"login.scopes":   "the scope is documented for OAuth Apps; that it is the default is freshet's choice, and GitHub Apps ignore scopes",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "github.com",
			Hint:    "the host: acme.ghe.com for GitHub Enterprise Cloud with data residency, or that of an Enterprise Server",
		},
	}
	return &p
}

var builtinGitlabData = Provider{
	Name:  "gitlab",
	Title: "GitLab",
	Documentation: []string{
		"https://docs.gitlab.com/api/oauth2/",
		"https://docs.gitlab.com/integration/oauth_provider/",
		"https://docs.gitlab.com/integration/openid_connect_provider/",
	},
	Notes: []string{
		"A refresh revokes the previous access token and refresh token at once.",
		"Access tokens live two hours. GitLab states no lifetime of refresh tokens.",
		"An application that is not confidential has no secret; its login needs PKCE.",
		"A server of one's own is the part host.",
	},
	Hosts:  []string{"gitlab.com"},
	Issuer: "https://{host}",
	Endpoints: oauth.Endpoints{
		Authorization: "https://{host}/oauth/authorize",
		Token:         "https://{host}/oauth/token",
		Device:        "https://{host}/oauth/authorize_device",
		Revocation:    "https://{host}/oauth/revoke",
		Introspection: "https://{host}/oauth/introspect",
		Userinfo:      "https://{host}/oauth/userinfo",
		JWKS:          "https://{host}/oauth/discovery/keys",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Application ID: in GitLab under the user's, the group's or the instance's Applications",
	},
	Login: Login{
		Scopes:      []string{"read_user"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "the application needs the redirect URI http://localhost:8484/callback and each scope ticked",
	},
	AccessToken:  AccessToken{Lifetime: 7200000000000, EndedByRefresh: true},
	RefreshToken: RefreshToken{Rotation: "always"},
	API:          API{Base: "https://{host}/api/v4/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "GitLab no longer accepts this refresh token: it was used before, or the user or an administrator revoked it",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "GitLab does not know the Application ID and the secret on this host",
			Remedy:     "check both under Applications; a new secret can be made there; for your own GitLab {set part.host}",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the application does not have a scope that was requested",
			Remedy: "tick the scope under Applications, or {login again scope}",
		},
	},
}

func builtinGitlab() *Provider {
	p := builtinGitlabData
	p.Unofficial = map[string]string{
		"errors.0":       "the texts of the doorkeeper gem, on which GitLab says that it is based",
		"errors.1":       "the texts of the doorkeeper gem, on which GitLab says that it is based",
		"errors.2":       "the texts of the doorkeeper gem, on which GitLab says that it is based",
		"login.redirect": "GitLab's pages say nothing of the port of a loopback address; exact is safe",
		"login.scopes":   "the scope is documented; that it is the default is freshet's choice",
	}
	p.Parts = map[string]Part{
		"host": Part{Default: "gitlab.com", Hint: "the host: gitlab.com, or that of your own GitLab"},
	}
	return &p
}

var builtinGoogleData = Provider{
	Name:  "google",
	Title: "Google",
	Documentation: []string{
		"https://developers.google.com/identity/protocols/oauth2/service-account",
		"https://developers.google.com/identity/protocols/oauth2/native-app",
		"https://developers.google.com/identity/protocols/oauth2",
		"https://developers.google.com/identity/protocols/oauth2#expiration",
		"https://developers.google.com/identity/protocols/oauth2/limited-input-device",
		"https://developers.google.com/identity/openid-connect/openid-connect",
		"https://support.google.com/a/answer/9368756",
	},
	Notes: []string{
		"A login returns a refresh token only with access_type=offline, and to a user who has consented before only with prompt=consent.",
		"A grant of an external app in Testing lives seven days, unless its scopes are of name, email address and profile only.",
		"Google says to keep a refresh token and to use it while it is valid: a refresh returns no other.",
		"A user may allow a part of the scopes, or access for a limited time: the reply's scope says what was allowed.",
		"The device login is for clients of the type \"TVs and Limited Input devices\" and for few scopes.",
		"A change of the user's password ends grants with Gmail scopes.",
		"An organization may end grants with Google Cloud scopes after 1 to 24 hours (session control), and then requires a new login.",
	},
	Hosts: []string{
		"accounts.google.com",
		"oauth2.googleapis.com",
		"openidconnect.googleapis.com",
		"www.googleapis.com",
	},
	Issuer: "https://accounts.google.com",
	Endpoints: oauth.Endpoints{
		Authorization: "https://accounts.google.com/o/oauth2/v2/auth",
		Token:         "https://oauth2.googleapis.com/token",
		Device:        "https://oauth2.googleapis.com/device/code",
		Revocation:    "https://oauth2.googleapis.com/revoke",
		Userinfo:      "https://openidconnect.googleapis.com/v1/userinfo",
		JWKS:          "https://www.googleapis.com/oauth2/v3/certs",
	},
	Client: Client{
		IDPattern: "\\.apps\\.googleusercontent\\.com$",
		Hint:      "it ends in .apps.googleusercontent.com and stands in the Google Cloud console under APIs & Services, Credentials",
	},
	JWTBearer: JWTBearer{
		Audiences:   []Audience{Audience{Audience: "token_endpoint"}},
		Lifetime:    3600000000000,
		ScopeClaim:  true,
		OmitSubject: true,
	},
	Login: Login{
		Scopes:   []string{"openid", "email"},
		Redirect: "any_port",
		Hint:     "the client is of the type \"Desktop app\", for the device login \"TVs and Limited Input devices\"; its secret is not confidential, but Google requires it",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "never", Idle: 15552000000000000, Limit: 100},
	API:          API{Hosts: []string{".googleapis.com"}},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"invalid_rapt", "reauth related error"},
			Kind:   "login_required",
			Cause:  "the user's organization requires a new sign-in after some hours (session control)",
			Remedy: "{login again}; in the Admin console under Security, Google Cloud session control, an administrator can exempt trusted apps",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"expired or revoked"},
			Kind:   "login_required",
			Cause:  "Google no longer accepts this refresh token: access was withdrawn, it was unused for six months, the password changed, newer logins of the same client pushed it out, or the app is in testing, where most grants live seven days",
			Remedy: "{login again}; publish the app if it is still in testing",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"malformed auth code", "bad request"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already, has expired, or was cut off when it was copied",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"bad request"},
			Kind:   "login_required",
			Cause:  "Google cannot use this refresh token: it is another client's, was cut off when it was copied, or was revoked",
			Remedy: "check that the client id is the one that the token was issued to; if it is, {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_client"},
			Text:   Texts{"only clients of type"},
			Kind:   "misconfigured",
			Cause:  "the client is of another type than \"TVs and Limited Input devices\", which the device login requires",
			Remedy: "log in with a browser, or make a client of that type in the Google Cloud console",
		},
		Refusal{
			Code:   Texts{"deleted_client"},
			Kind:   "misconfigured",
			Cause:  "the client was deleted, by a person or because it was unused",
			Remedy: "restore it within 30 days in the Google Cloud console under Clients; later make another, and {login again} with that",
		},
		Refusal{
			Code:   Texts{"disabled_client"},
			Kind:   "misconfigured",
			Cause:  "Google has disabled the client or its project",
			Remedy: "look for a notice in the Google Cloud console and appeal there",
		},
		Refusal{
			Code:   Texts{"admin_policy_enforced"},
			Kind:   "misconfigured",
			Cause:  "the administrator of the user's organization does not let this app have one of the scopes",
			Remedy: "in the Admin console under Security, API controls, App access control, an administrator trusts the client id",
		},
		Refusal{
			Code:   Texts{"org_internal"},
			Kind:   "misconfigured",
			Cause:  "the app is for the accounts of one organization only, and this is none of them",
			Remedy: "log in with an account of that organization, or make the app's audience external",
		},
		Refusal{
			Code:   Texts{"redirect_uri_mismatch"},
			Kind:   "misconfigured",
			Cause:  "the client may not be used with this redirect address",
			Remedy: "use a client of the type \"Desktop app\", or register the address",
		},
	},
}

func builtinGoogle() *Provider {
	p := builtinGoogleData
	p.Unofficial = map[string]string{
		"access_token.lifetime": "seen: 3599 seconds in every reply, which says so itself",
		"api.hosts":             "the documented hosts of the APIs, widened to all of googleapis.com",
		"errors.0.text":         "issues of Google's own and other clients; what it means is documented",
		"errors.1.text":         "as integrators quote it",
		"errors.2":              "integrators",
		"errors.3":              "integrators: Google says no more than \"Bad Request\"",
		"errors.4":              "issues of anxdpanic/plugin.video.youtube",
		"errors.6":              "integrators",
	}
	p.Login.Params = map[string]string{"access_type": "offline", "prompt": "consent"}
	return &p
}

var builtinHmrcData = Provider{
	Name:  "hmrc",
	Title: "HMRC",
	Documentation: []string{
		"https://developer.service.hmrc.gov.uk/api-documentation/docs/authorisation/user-restricted-endpoints",
		"https://developer.service.hmrc.gov.uk/api-documentation/docs/authorisation/application-restricted-endpoints",
		"https://developer.service.hmrc.gov.uk/api-documentation/docs/reference-guide",
	},
	Notes: []string{
		"A refresh token works once; 18 months after the login the user must log in again.",
		"The sandbox and production have their own hosts, applications and tokens.",
		"A token for application-restricted endpoints needs no person: freshet login hmrc --grant client-credentials.",
		"Every call names its version: Accept: application/vnd.hmrc.1.0+json. Many APIs also require fraud prevention headers.",
		"No endpoint of RFC 7009 is known: the user ends a grant in the HMRC account, under the software that may access it.",
	},
	Hosts: []string{
		"api.service.hmrc.gov.uk",
		"www.tax.service.gov.uk",
		"test-api.service.hmrc.gov.uk",
		"test-www.tax.service.gov.uk",
	},
	Endpoints: oauth.Endpoints{Token: "https://{host}/oauth/token"},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in the HMRC Developer Hub under Applications, the application, Credentials",
	},
	Login: Login{
		Scopes:      []string{"hello"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "the application needs the redirect URI http://localhost:8484/callback and a subscription to the API of each scope (hello: Hello World)",
	},
	AccessToken:  AccessToken{Lifetime: 14400000000000},
	RefreshToken: RefreshToken{Rotation: "always", Absolute: 47347200000000000},
	API:          API{Base: "https://{host}/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "HMRC no longer accepts this refresh token: it was used before, 18 months have passed, or the user withdrew the authority",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "HMRC does not know this client id and secret on this host",
			Remedy:     "check both under Credentials of the application; for the sandbox {set part.host=test-api.service.hmrc.gov.uk}",
		},
	},
}

func builtinHmrc() *Provider {
	p := builtinHmrcData
	p.Unofficial = map[string]string{
		"errors.0":           "integrators",
		"errors.1":           "integrators",
		"login.redirect_uri": "HMRC's rules for redirect URIs as integrators quote them",
		"login.scopes":       "the scope of HMRC's example API",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "api.service.hmrc.gov.uk",
			Values:  []string{"api.service.hmrc.gov.uk", "test-api.service.hmrc.gov.uk"},
			Hint:    "the environment of the application: api.service.hmrc.gov.uk, or test-api.service.hmrc.gov.uk for the sandbox",
			Clouds: []Cloud{
				Cloud{
					Values:    []string{"api.service.hmrc.gov.uk"},
					Endpoints: oauth.Endpoints{Authorization: "https://www.tax.service.gov.uk/oauth/authorize"},
					Hosts:     []string{"api.service.hmrc.gov.uk"},
				},
				Cloud{
					Values:    []string{"test-api.service.hmrc.gov.uk"},
					Endpoints: oauth.Endpoints{Authorization: "https://test-www.tax.service.gov.uk/oauth/authorize"},
					Hosts:     []string{"test-api.service.hmrc.gov.uk"},
				},
			},
		},
	}
	return &p
}

var builtinHubspotData = Provider{
	Name:  "hubspot",
	Title: "HubSpot",
	Documentation: []string{
		"https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens",
		"https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/revoke-token",
		"https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth",
		"https://developers.hubspot.com/docs/api-reference/legacy/authentication/oauth-tokens/v1/migration-guide",
		"https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses",
		"https://developers.hubspot.com/docs/developer-tooling/platform/versioning",
		"https://developers.hubspot.com/changelog/2018-03-05-oauth2-redirect-uri-served-over-http-localhost",
	},
	Notes: []string{
		"The endpoints below /oauth/v1 end on 16 February 2027; their refresh tokens are valid at the endpoints used here.",
		"A dated version of the API is supported for 18 months at least: 2026-03 until about September 2027. 2026-09 exists.",
		"A refresh returns the same refresh token; it lives until the app is uninstalled or the token revoked.",
		"An access token may have 300 characters and more.",
		"All parameters go into the body: HubSpot takes none from the address and no Authorization header.",
		"A loopback address with http is for development; apps in production need https.",
		"A super admin of the account may have to approve the app and its scopes under Settings, Integrations, Connected Apps.",
	},
	Hosts: []string{"app.hubspot.com", "api.hubapi.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://app.hubspot.com/oauth/authorize",
		Token:         "https://api.hubapi.com/oauth/2026-03/token",
		Revocation:    "https://api.hubapi.com/oauth/2026-03/token/revoke",
		Introspection: "https://api.hubapi.com/oauth/2026-03/token/introspect",
	},
	Client: Client{Auth: "body", Hint: "it is the Client ID: on the app's Auth tab"},
	Login: Login{
		Scopes:      []string{"oauth"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "add the redirect URL http://localhost:8484/callback on the app's Auth tab, and ask for the scopes there",
	},
	AccessToken:  AccessToken{Lifetime: 1800000000000},
	RefreshToken: RefreshToken{Rotation: "never"},
	Reply:        Reply{Harmless: []string{"hub_id", "user_id", "scopes", "token_use"}},
	API:          API{Hosts: []string{".hubapi.com"}, Base: "https://api.hubapi.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token"},
			Kind:   "login_required",
			Cause:  "HubSpot no longer accepts this refresh token: the app was uninstalled from the account, or the token revoked",
			Remedy: "{login again}, which installs the app",
		},
		Refusal{
			Code:   Texts{"BAD_REFRESH_TOKEN"},
			Kind:   "login_required",
			Cause:  "HubSpot no longer accepts this refresh token: the app was uninstalled from the account, or the token revoked",
			Remedy: "{login again}, which installs the app",
		},
		Refusal{
			Text:   Texts{"unknown client id"},
			Kind:   "misconfigured",
			Cause:  "HubSpot does not know the client id",
			Remedy: "take the Client ID from the app's Auth tab, not the app's number or a key",
		},
		Refusal{
			Text:       Texts{"client secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong",
			Remedy:     "take it from the app's Auth tab",
		},
		Refusal{
			Text:   Texts{"auth code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is wrong, has expired or was used already",
			Remedy: "{login again}, which installs the app",
		},
		Refusal{
			Text:   Texts{"redirect uri"},
			Kind:   "misconfigured",
			Cause:  "the redirect address is not the one that the login began with, or not one of the app's",
			Remedy: "add it on the app's Auth tab, letter for letter",
		},
		Refusal{
			Text:   Texts{"approved to access the required scopes"},
			Kind:   "misconfigured",
			Cause:  "the account has not approved the app for these scopes",
			Remedy: "have a super admin approve it under Settings, Integrations, Connected Apps, Approved apps, then install it again",
		},
		Refusal{
			Text:   Texts{"you have reached your"},
			Kind:   "temporary",
			Cause:  "HubSpot's rate limit was reached",
			Remedy: "try again later",
		},
	},
}

func builtinHubspot() *Provider {
	p := builtinHubspotData
	p.Unofficial = map[string]string{
		"api.hosts":              "the documented host of the API, widened to all of hubapi.com",
		"errors.1":               "replies without the standard members, as integrators quote them",
		"errors.2":               "replies as integrators quote them",
		"errors.3":               "replies as integrators quote them",
		"errors.4":               "replies as integrators quote them",
		"errors.5":               "replies as integrators quote them",
		"errors.6":               "manuals of companies that integrate HubSpot",
		"login.pkce":             "the reference of the token endpoint has code_verifier; the guides do not mention code_challenge",
		"login.scopes":           "the scope that HubSpot's own examples begin with",
		"refresh_token.rotation": "seen by integrators; HubSpot's pages do not say it",
	}
	p.Reply.Members = map[string]string{"error": "status", "error_description": "message"}
	return &p
}

var builtinIntercomData = Provider{
	Name:  "intercom",
	Title: "Intercom",
	Documentation: []string{
		"https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth",
		"https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/",
	},
	Notes: []string{
		"There is no refresh token, and a reply states no expiry: a token lives until the app is uninstalled.",
		"A workspace is in one region; the part host names its API.",
		"There are no scopes: the permissions are set in the Developer Hub, the app, Authentication.",
		"The reply has the access token twice, also in token.",
		"No page of Intercom names an endpoint that revokes tokens; the workspace uninstalls the app under Settings, App Store.",
	},
	Hosts:     []string{"api.intercom.io", "api.eu.intercom.io", "api.au.intercom.io"},
	Endpoints: oauth.Endpoints{Token: "https://{host}/auth/eagle/token"},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in the Developer Hub, the app, Basic Information",
	},
	Login: Login{
		Redirect: "https",
		PKCE:     "none",
		Hint:     "tick Use OAuth in the Developer Hub, the app, Authentication, and add the redirect URL, which must be https",
	},
	AccessToken:  AccessToken{PermanentWithoutExpiresIn: true},
	RefreshToken: RefreshToken{Rotation: "never"},
	API:          API{Base: "https://{host}/"},
	Errors: []Refusal{
		Refusal{
			Text:   Texts{"unauthorized code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is wrong or was used already; it may end in =, which belongs to it",
			Remedy: "{login again}; with an address pasted, paste all of it",
		},
		Refusal{
			Code:       Texts{"invalid_client", "unauthorized_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Intercom does not accept the client id with this secret",
			Remedy:     "check both in the Developer Hub, the app, Basic Information",
		},
	},
}

func builtinIntercom() *Provider {
	p := builtinIntercomData
	p.Unofficial = map[string]string{
		"access_token.permanent_without_expires_in": "integrators; Intercom's page names no lifetime",
		"errors.1":                      "the codes are those of RFC 6749",
		"login.pkce":                    "the authorization request is documented without PKCE",
		"parts.host.clouds.1.endpoints": "the source of several clients",
		"parts.host.clouds.2.endpoints": "the source of several clients",
		"refresh_token.rotation":        "there is none",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "api.intercom.io",
			Values:  []string{"api.intercom.io", "api.eu.intercom.io", "api.au.intercom.io"},
			Hint:    "the region's API: api.intercom.io, or that of Europe (eu) or Australia (au)",
			Clouds: []Cloud{
				Cloud{
					Values:    []string{"api.intercom.io"},
					Endpoints: oauth.Endpoints{Authorization: "https://app.intercom.com/oauth"},
					Hosts:     []string{"api.intercom.io", "app.intercom.com"},
				},
				Cloud{
					Values:    []string{"api.eu.intercom.io"},
					Endpoints: oauth.Endpoints{Authorization: "https://app.eu.intercom.com/oauth"},
					Hosts:     []string{"api.eu.intercom.io", "app.eu.intercom.com"},
				},
				Cloud{
					Values:    []string{"api.au.intercom.io"},
					Endpoints: oauth.Endpoints{Authorization: "https://app.au.intercom.com/oauth"},
					Hosts:     []string{"api.au.intercom.io", "app.au.intercom.com"},
				},
			},
		},
	}
	return &p
}

var builtinKeycloakData = Provider{
	Name:  "keycloak",
	Title: "Keycloak",
	Documentation: []string{
		"https://www.keycloak.org/docs/latest/server_admin/#_timeouts",
		"https://www.keycloak.org/docs/latest/server_admin/#_offline-access",
		"https://www.keycloak.org/securing-apps/oidc-layers",
	},
	Notes: []string{
		"The realm's setting Revoke Refresh Token says whether a refresh replaces the refresh token.",
		"A reply says in refresh_expires_in how long the grant lasts; 0 means that it does not expire by age.",
		"With offline_access the grant outlives the browser session; it ends when unused for Offline Session Idle.",
		"Without it, the grant ends with the session: SSO Session Idle, which each refresh restarts, and SSO Session Max.",
		"Keycloak adds two minutes to each idle limit.",
		"A server with a port or another path than /realms is named by its issuer.",
	},
	Issuer: "https://{host}/realms/{realm}",
	Endpoints: oauth.Endpoints{
		Authorization: "/protocol/openid-connect/auth",
		Token:         "/protocol/openid-connect/token",
		Device:        "/protocol/openid-connect/auth/device",
		Revocation:    "/protocol/openid-connect/revoke",
		Introspection: "/protocol/openid-connect/token/introspect",
		Userinfo:      "/protocol/openid-connect/userinfo",
		JWKS:          "/protocol/openid-connect/certs",
	},
	Client: Client{
		Hint: "it is the Client ID: in the admin console under Clients; its secret is under Credentials",
	},
	Login: Login{
		Scopes:      []string{"openid", "offline_access"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "the client needs Standard flow, and http://localhost:8484/callback among its Valid redirect URIs",
	},
	AccessToken:  AccessToken{Lifetime: 300000000000},
	RefreshToken: RefreshToken{Rotation: "setting"},
	Reply:        Reply{Harmless: []string{"refresh_expires_in", "not-before-policy", "session_state"}},
	API:          API{Base: "https://{host}/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"offline session not active", "offline user session not found"},
			Kind:   "login_required",
			Cause:  "the offline session has ended: it was not used for too long, has reached its maximum, or was revoked",
			Remedy: "{login again}; the limit is Offline Session Idle in the realm's settings",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"session not active", "session doesn't have required client"},
			Kind:   "login_required",
			Cause:  "the browser session of this login has ended, and the grant with it",
			Remedy: "{login again}; for a grant that outlives the session, request the scope offline_access",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"token is not active"},
			Kind:   "login_required",
			Cause:  "the refresh token has expired",
			Remedy: "{login again}; the limits are under Sessions in the realm's settings",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"maximum allowed refresh token reuse exceeded", "stale token"},
			Kind:   "login_required",
			Cause:  "the refresh token was used already, and the realm revokes used ones",
			Remedy: "{login again}; let only one program refresh this grant",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"user disabled", "account disabled"},
			Kind:   "login_required",
			Cause:  "the user is disabled in this realm",
			Remedy: "have the user enabled under Users, then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"token client and authorized client don't match"},
			Kind:   "misconfigured",
			Cause:  "the refresh token belongs to another client",
			Remedy: "use the client id that the token was issued to",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"code not valid", "code is expired", "incorrect redirect_uri", "pkce"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its redirect address or PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client", "unauthorized_client"},
			Text:       Texts{"invalid client or invalid client credentials"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "this realm does not know the client, or the client secret is wrong",
			Remedy:     "check both under Clients, the client, Credentials, and the part realm",
		},
		Refusal{
			Code:   Texts{"Realm does not exist"},
			Kind:   "misconfigured",
			Cause:  "the server has no realm of this name",
			Remedy: "check the part realm, or the issuer; letter case counts",
		},
	},
}

func builtinKeycloak() *Provider {
	p := builtinKeycloakData
	p.Unofficial = map[string]string{
		"access_token.lifetime": "the value of a new realm; each reply has expires_in",
		"errors":                "texts of Keycloak's source",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Hint: "the server's host, like sso.example.com; with a port, use its issuer instead",
		},
		"realm": Part{Default: "master", Hint: "the name of the realm"},
	}
	return &p
}

var builtinLinearData = Provider{
	Name:  "linear",
	Title: "Linear",
	Documentation: []string{
		"https://linear.app/developers/oauth-2-0-authentication",
		"https://linear.app/developers/oauth-actor-authorization",
		"https://linear.app/developers/graphql",
	},
	Notes: []string{
		"A refresh returns a new access token, which lives 24 hours, and a new refresh token.",
		"Since 1 April 2026 all apps get refresh tokens; access tokens from before lived ten years.",
		"With actor=app in the authorization request, the token acts as the app and not as the user.",
		"A token by client credentials lives 30 days; a new one ends the one before, so only one program may ask.",
		"The revocation takes the parameter refresh_token or access_token, and no token.",
	},
	Hosts: []string{"linear.app", "api.linear.app"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://linear.app/oauth/authorize",
		Token:         "https://api.linear.app/oauth/token",
		Revocation:    "https://api.linear.app/oauth/revoke",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in Linear under Settings, API, OAuth applications, the app",
	},
	Login: Login{
		Scopes:         []string{"read"},
		ScopeSeparator: ",",
		Redirect:       "exact",
		RedirectURI:    "http://localhost:8484/callback",
		PKCE:           "S256",
		Hint:           "add http://localhost:8484/callback to the Callback URLs of the app",
	},
	Revocation:   Revocation{ByType: true},
	AccessToken:  AccessToken{Lifetime: 86400000000000},
	RefreshToken: RefreshToken{Rotation: "always"},
	API: API{
		Base:       "https://api.linear.app/",
		Rejections: []Rejection{Rejection{Status: 400, Text: "\"code\":\"AUTHENTICATION_ERROR\""}},
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Linear no longer accepts this refresh token: it was used already, revoked, or the workspace removed the app",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client id or the client secret is wrong",
			Remedy:     "check both in Linear under Settings, API, OAuth applications, the app",
		},
		Refusal{
			Text:   Texts{"does not support the client_credentials grant"},
			Kind:   "misconfigured",
			Cause:  "the app may not ask for tokens of its own",
			Remedy: "switch on Client credentials in Linear under Settings, API, OAuth applications, the app",
		},
	},
}

func builtinLinear() *Provider {
	p := builtinLinearData
	p.Unofficial = map[string]string{
		"api.rejections": "replies as developers quote them, with status 400; others see 401",
		"errors.0":       "replies as integrators quote them",
		"errors.1":       "replies as integrators quote them",
		"errors.2":       "replies as integrators quote them",
		"errors.3":       "replies as integrators quote them",
		"login.redirect": "integrators; Linear's page does not speak of the port of a loopback address",
	}
	return &p
}

var builtinLinkedinData = Provider{
	Name:  "linkedin",
	Title: "LinkedIn",
	Documentation: []string{
		"https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow",
		"https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow-native",
		"https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens",
		"https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
		"https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection",
	},
	Notes: []string{
		"Only apps that LinkedIn approved for it, as partners of its marketing programme, get a refresh token; others log in every 60 days.",
		"The year of a refresh token is counted from the login: a refresh does not lengthen it.",
		"An access token that is issued near the end of that year expires with the refresh token.",
		"LinkedIn may end tokens earlier, for technical reasons or for its rules.",
		"Native apps without a secret have a flow of their own, with PKCE, which LinkedIn enables for an app on request; it is not this one.",
	},
	Hosts: []string{"www.linkedin.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://www.linkedin.com/oauth/v2/authorization",
		Token:         "https://www.linkedin.com/oauth/v2/accessToken",
		Introspection: "https://www.linkedin.com/oauth/v2/introspectToken",
		Userinfo:      "https://api.linkedin.com/v2/userinfo",
		JWKS:          "https://www.linkedin.com/oauth/openid/jwks",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is in the LinkedIn Developer Portal: My apps, the app, Auth, Application credentials",
	},
	Login: Login{
		Scopes:      []string{"openid", "profile"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "none",
		Hint:        "under Auth the app needs the redirect URL http://localhost:8484/callback, and under Products that of each scope (openid, profile: Sign In with LinkedIn)",
	},
	AccessToken:  AccessToken{Lifetime: 5184000000000000},
	RefreshToken: RefreshToken{Rotation: "never", Absolute: 31536000000000000},
	API:          API{Hosts: []string{"api.linkedin.com"}, Base: "https://api.linkedin.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token is invalid, expired or revoked"},
			Kind:   "login_required",
			Cause:  "the year of the refresh token is over, or the member or LinkedIn revoked it",
			Remedy: "{login again}; the member sees and removes apps in LinkedIn under Settings, Data privacy, Permitted services",
		},
		Refusal{
			Code:   Texts{"access_denied"},
			Text:   Texts{"refresh token not allowed"},
			Kind:   "misconfigured",
			Cause:  "LinkedIn has not approved this app for refresh tokens",
			Remedy: "apply for the Advertising API or Marketing products in the Developer Portal, or log in every 60 days",
		},
		Refusal{
			Text:   Texts{"authorization code not found"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already or is not LinkedIn's",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"does not match authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is older than 30 minutes, or was given to another client id or redirect URL",
			Remedy: "{login again}; compare the redirect URL with the Developer Portal's, under Auth, to the last character",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"\"client_secret\" is missing"},
			Kind:   "misconfigured",
			Cause:  "the request carried no client secret, which LinkedIn requires in the body",
			Remedy: "{set client_secret auth=body}",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"\"client_id\" is missing"},
			Kind:   "misconfigured",
			Cause:  "the request carried no client id, which LinkedIn requires in the body",
			Remedy: "{set client_id auth=body}",
		},
	},
}

func builtinLinkedin() *Provider {
	p := builtinLinkedinData
	p.Unofficial = map[string]string{
		"errors.0":               "the tests of several clients",
		"errors.1":               "the tests of several clients",
		"login.pkce":             "the flow with a secret is documented without PKCE; integrators see a code_challenge make the exchange fail",
		"login.redirect_uri":     "redirect URLs on localhost are used by integrators; the documentation asks for an absolute, equal URL",
		"login.scopes":           "both are documented; that they are the default is freshet's choice",
		"refresh_token.rotation": "LinkedIn says that the lifetime stays the same, not that the token does",
	}
	return &p
}

var builtinMailchimpData = Provider{
	Name:  "mailchimp",
	Title: "Mailchimp",
	Documentation: []string{
		"https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
		"https://mailchimp.com/developer/marketing/docs/fundamentals/",
		"https://developer.mailchimp.com/documentation/mailchimp/guides/how-to-use-oauth2/",
	},
	Notes: []string{
		"Access tokens do not expire, and there is no refresh token: a token lives until the user removes the app.",
		"A reply has expires_in 0, which means that it does not expire.",
		"https://login.mailchimp.com/oauth2/metadata says in dc and api_endpoint where the account's API is.",
		"There are no scopes: a token may do what the user may.",
		"No page of Mailchimp names an endpoint that revokes tokens; the user removes the app under Account, Extras, Registered apps.",
		"A local redirect address is http://127.0.0.1, not http://localhost.",
		"The hosts below api.mailchimp.com are Mailchimp's data centers, such as us1; none is a customer's.",
	},
	Hosts: []string{"login.mailchimp.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://login.mailchimp.com/oauth2/authorize",
		Token:         "https://login.mailchimp.com/oauth2/token",
		Userinfo:      "https://login.mailchimp.com/oauth2/metadata",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in Mailchimp under Account, Extras, Registered apps, the app",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://127.0.0.1:8484/callback",
		PKCE:        "none",
		Hint:        "set the Redirect URI of the app to http://127.0.0.1:8484/callback",
	},
	AccessToken:  AccessToken{PermanentWithoutExpiresIn: true},
	RefreshToken: RefreshToken{Rotation: "never"},
	API:          API{Hosts: []string{".api.mailchimp.com"}},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Mailchimp does not accept the client id with this secret",
			Remedy:     "check both in Mailchimp under Account, Extras, Registered apps, the app",
		},
	},
}

func builtinMailchimp() *Provider {
	p := builtinMailchimpData
	p.Unofficial = map[string]string{
		"errors":                 "the codes are those of RFC 6749",
		"login.pkce":             "the authorization request is documented without PKCE",
		"refresh_token.rotation": "there is none",
	}
	return &p
}

var builtinMicrosoftData = Provider{
	Name:  "microsoft",
	Title: "Microsoft Entra",
	Documentation: []string{
		"https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow",
		"https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code",
		"https://learn.microsoft.com/entra/identity-platform/refresh-tokens",
		"https://learn.microsoft.com/entra/identity-platform/reply-url",
		"https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
		"https://learn.microsoft.com/graph/deployments",
		"https://learn.microsoft.com/power-platform/admin/new-datacenter-regions",
		"https://learn.microsoft.com/sharepoint/dev/solution-guidance/extending-sharepoint-online-for-germany-china-usgovernment-environments",
		"https://learn.microsoft.com/power-bi/developer/embedded/embedded-troubleshoot",
	},
	Notes: []string{
		"Every refresh returns a new refresh token, but the old one is not revoked: it stays valid until its own 90 days are over.",
		"A refresh token that was issued to a redirect address of the kind single-page application expires 24 hours after the login.",
		"That of a user who signs in with a one-time passcode by email expires after 24 hours, too.",
		"External ID (ciamlogin.com) and Azure AD B2C have hosts of their own: log in with --issuer.",
		"An access token is for one resource, which the scope names: https://ORG.crm4.dynamics.com/.default for Dynamics 365, https://TENANT.sharepoint.com/.default for SharePoint.",
		"An application that is registered for one directory only needs that directory as its tenant; common is for the others.",
		"Microsoft has no endpoint that revokes a single token: an administrator or the user ends all of a user's sessions.",
		"Microsoft may change its AADSTS numbers; https://login.microsoftonline.com/error has the current ones.",
	},
	Hosts: []string{
		"login.microsoftonline.com",
		"login.microsoftonline.us",
		"login.partner.microsoftonline.cn",
		"login.chinacloudapi.cn",
		"login.microsoft.com",
		"login.windows.net",
	},
	Issuer: "https://{host}/{tenant}/v2.0",
	Endpoints: oauth.Endpoints{
		Authorization: "https://{host}/{tenant}/oauth2/v2.0/authorize",
		Token:         "https://{host}/{tenant}/oauth2/v2.0/token",
		Device:        "https://{host}/{tenant}/oauth2/v2.0/devicecode",
		JWKS:          "https://{host}/{tenant}/discovery/v2.0/keys",
	},
	Client: Client{
		Auth:      "body",
		IDPattern: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
		Hint:      "it is the Application (client) ID: in the Entra admin center under App registrations, on the app's overview",
	},
	Login: Login{
		Scopes:       []string{"openid", "profile", "offline_access"},
		RefreshScope: "offline_access",
		Redirect:     "exact",
		RedirectURI:  "http://localhost/callback",
		PKCE:         "S256",
		Hint:         "under Authentication, Mobile and desktop applications, register http://localhost/callback; the port does not matter",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "always", StaysValid: true, Idle: 7776000000000000},
	Reply:        Reply{Harmless: []string{"ext_expires_in"}},
	API: API{
		Rejections: []Rejection{Rejection{Status: 403, Text: "\"code\":\"TokenExpired\""}},
	},
	Errors: []Refusal{
		Refusal{
			Text:   Texts{"aadsts700082:"},
			Kind:   "login_required",
			Cause:  "the refresh token was not used for too long (90 days, if no policy says less)",
			Remedy: "{login again}; a refresh once a month keeps it alive",
		},
		Refusal{
			Text:   Texts{"aadsts700084:"},
			Kind:   "login_required",
			Cause:  "this refresh token is that of a single-page application: it expires after 24 hours, even if it is refreshed",
			Remedy: "register the redirect address under \"Mobile and desktop applications\" or \"Web\" instead, then {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts700081:"},
			Kind:   "login_required",
			Cause:  "the refresh token is older than the policy of the directory allows",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"aadsts70043:"},
			Kind:   "login_required",
			Cause:  "a Conditional Access policy asks for a new sign-in after some time (sign-in frequency), and that time is over",
			Remedy: "{login again}; the directory's administrator can exempt the app from the policy",
		},
		Refusal{
			Text:   Texts{"aadsts70008:"},
			Kind:   "login_required",
			Cause:  "the refresh token or the login's code has expired",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"aadsts50173:", "aadsts50089:"},
			Kind:   "login_required",
			Cause:  "the user's tokens were revoked: the password was changed or reset, or an administrator ended the sessions",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"aadsts50132:", "aadsts50133:"},
			Kind:   "login_required",
			Cause:  "the password has expired or was changed",
			Remedy: "{login again} with the new password",
		},
		Refusal{
			Text:   Texts{"aadsts50055:"},
			Kind:   "login_required",
			Cause:  "the user's password has expired",
			Remedy: "set a new password, then {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts50144:"},
			Kind:   "login_required",
			Cause:  "the user's password in the company's own Active Directory has expired",
			Remedy: "set a new password, then {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts50057:"},
			Kind:   "login_required",
			Cause:  "the user's account is disabled",
			Remedy: "have an administrator enable the account in the Entra admin center, then {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts50053:"},
			Kind:   "login_required",
			Cause:  "the account is locked after too many failed sign-ins, or the address is considered malicious",
			Remedy: "wait or have an administrator unblock the user (Sign-in logs show which), then {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts50034:"},
			Kind:   "login_required",
			Cause:  "this directory does not know the user",
			Remedy: "check the tenant; a user of another directory must be invited as a guest",
		},
		Refusal{
			Text:   Texts{"aadsts50020:"},
			Kind:   "login_required",
			Cause:  "the user's account is of another directory and is not a guest in this one",
			Remedy: "{set part.tenant}: the user's own directory; or have the user invited as a guest",
		},
		Refusal{
			Text:   Texts{"aadsts50076:"},
			Kind:   "login_required",
			Cause:  "the directory now requires a second factor (MFA) for this user, app or location",
			Remedy: "{login again} and confirm the second factor",
		},
		Refusal{
			Text:   Texts{"aadsts50078:"},
			Kind:   "login_required",
			Cause:  "the second factor (MFA) was confirmed too long ago for the directory's policy",
			Remedy: "{login again} and confirm the second factor",
		},
		Refusal{
			Text:   Texts{"aadsts50079:", "aadsts50072:"},
			Kind:   "login_required",
			Cause:  "the user must set up a second factor (MFA) first",
			Remedy: "{login again} and register the second factor",
		},
		Refusal{
			Text:   Texts{"aadsts50074:"},
			Kind:   "login_required",
			Cause:  "the second factor (MFA) was not confirmed",
			Remedy: "{login again} and confirm the second factor",
		},
		Refusal{
			Text:   Texts{"aadsts50158:"},
			Kind:   "login_required",
			Cause:  "a Conditional Access policy asks for something from another service (for example its own second factor)",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"aadsts53003:"},
			Kind:   "misconfigured",
			Cause:  "a Conditional Access policy denies a token to this app or location",
			Remedy: "look up the policy in the Entra admin center's Sign-in logs; exempt the app, or run it where it is allowed",
		},
		Refusal{
			Text:   Texts{"aadsts530032:"},
			Kind:   "misconfigured",
			Cause:  "a security policy of the directory blocks the request",
			Remedy: "ask the directory's administrator which policy it was (Sign-in logs)",
		},
		Refusal{
			Text:   Texts{"aadsts530035:"},
			Kind:   "misconfigured",
			Cause:  "the directory's security defaults block the request",
			Remedy: "ask the directory's administrator (Properties, Security defaults)",
		},
		Refusal{
			Text:   Texts{"aadsts53000:"},
			Kind:   "misconfigured",
			Cause:  "Conditional Access requires a device that is managed and compliant, and this one is not",
			Remedy: "enroll the device (Intune), or exempt the app from the policy",
		},
		Refusal{
			Text:   Texts{"aadsts53001:"},
			Kind:   "misconfigured",
			Cause:  "Conditional Access requires a device that is joined to the domain, and this one is not",
			Remedy: "run it on such a device, or exempt the app from the policy",
		},
		Refusal{
			Text:   Texts{"aadsts50131:"},
			Kind:   "misconfigured",
			Cause:  "Conditional Access refused: the device's state, a suspicious request or another policy",
			Remedy: "ask the directory's administrator (Sign-in logs)",
		},
		Refusal{
			Text:   Texts{"aadsts50105:"},
			Kind:   "misconfigured",
			Cause:  "the user is not assigned to the application, which requires an assignment",
			Remedy: "under Enterprise applications, the app, Users and groups, assign the user, or switch \"Assignment required\" off",
		},
		Refusal{
			Text:   Texts{"aadsts65001:"},
			Kind:   "login_required",
			Cause:  "neither the user nor an administrator has consented to what the scope asks for",
			Remedy: "{login again} and consent, or have an administrator grant consent under API permissions",
		},
		Refusal{
			Text:   Texts{"aadsts65004:"},
			Kind:   "login_required",
			Cause:  "the user declined the consent",
			Remedy: "{login again} and accept",
		},
		Refusal{
			Text:   Texts{"aadsts90094:", "aadsts90095:"},
			Kind:   "login_required",
			Cause:  "only an administrator can consent to what the scope asks for",
			Remedy: "have an administrator grant consent under App registrations, API permissions, then {login again}",
		},
		Refusal{
			Text:       Texts{"aadsts7000215:"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong; often it is the secret's id and not its value",
			Remedy:     "copy the value, not the Secret ID, from Certificates & secrets; it is only shown when it is created",
		},
		Refusal{
			Text:       Texts{"aadsts7000222:"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret has expired",
			Remedy:     "create a new one under App registrations, Certificates & secrets; the refresh token stays valid",
		},
		Refusal{
			Text:   Texts{"aadsts7000218:"},
			Kind:   "misconfigured",
			Cause:  "the application is confidential, and no client secret was sent",
			Remedy: "{set client_secret}; or, if the app has none, \"Allow public client flows\" under Authentication",
		},
		Refusal{
			Text:   Texts{"aadsts700025:"},
			Kind:   "misconfigured",
			Cause:  "the application is a public client, and a client secret was sent",
			Remedy: "leave the client secret out, or register the redirect address under the platform \"Web\"",
		},
		Refusal{
			Text:   Texts{"aadsts700016:", "aadsts700011:"},
			Kind:   "misconfigured",
			Cause:  "this directory does not know the application: wrong client id or tenant, or no user there has consented yet",
			Remedy: "check the client id and the part tenant",
		},
		Refusal{
			Text:   Texts{"aadsts7000112:", "aadsts70001:"},
			Kind:   "misconfigured",
			Cause:  "the application is disabled",
			Remedy: "under Enterprise applications, the app, Properties, set \"Enabled for users to sign-in\" to yes",
		},
		Refusal{
			Text:   Texts{"aadsts90002:"},
			Kind:   "misconfigured",
			Cause:  "there is no directory of this name in this cloud",
			Remedy: "check the part tenant, and the part host if the directory is in the cloud of a government or of China",
		},
		Refusal{
			Text:   Texts{"aadsts50194:"},
			Kind:   "misconfigured",
			Cause:  "the application is for one directory only, and common was asked",
			Remedy: "{set part.tenant}: the directory's id; or make the application multitenant",
		},
		Refusal{
			Text:   Texts{"aadsts9001023:"},
			Kind:   "misconfigured",
			Cause:  "this grant does not work with the tenants common and consumers",
			Remedy: "{set part.tenant}: the directory's id, or organizations",
		},
		Refusal{
			Text:   Texts{"aadsts9002332:"},
			Kind:   "misconfigured",
			Cause:  "the application is for work and school accounts only, and consumers was asked",
			Remedy: "{set part.tenant}: organizations, or the directory's id",
		},
		Refusal{
			Text:   Texts{"aadsts700005:"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is from another tenant than the one asked for the token",
			Remedy: "use the same tenant for the whole login, then {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts54005:"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was redeemed already",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"aadsts501481:"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's PKCE code verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"aadsts50011:"},
			Kind:   "misconfigured",
			Cause:  "the redirect address is not one of the application's",
			Remedy: "add it under App registrations, Authentication; path and letter case count, the port of localhost does not",
		},
		Refusal{
			Text:   Texts{"aadsts9002326:"},
			Kind:   "misconfigured",
			Cause:  "this refresh token is that of a single-page application, which only a browser may use",
			Remedy: "register the redirect address under \"Mobile and desktop applications\" or \"Web\", then {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts9002313:"},
			Kind:   "misconfigured",
			Cause:  "Microsoft cannot read the request; with a refresh, the saved refresh token is usually damaged or truncated",
			Remedy: "check the saved token, or {login again}",
		},
		Refusal{
			Text:   Texts{"aadsts500011:"},
			Kind:   "misconfigured",
			Cause:  "the resource that the scope names is not in this directory",
			Remedy: "check the scope and the part tenant; an administrator may have to add the resource's application",
		},
		Refusal{
			Text:   Texts{"aadsts650057:"},
			Kind:   "misconfigured",
			Cause:  "the scope names a resource that the application's API permissions do not list",
			Remedy: "add it under App registrations, API permissions",
		},
		Refusal{
			Text:   Texts{"aadsts70011:", "aadsts28002:"},
			Kind:   "misconfigured",
			Cause:  "the scope is not valid",
			Remedy: "use scopes of one resource only, besides openid, profile, email and offline_access",
		},
		Refusal{
			Text:   Texts{"aadsts50196:"},
			Kind:   "temporary",
			Cause:  "the application asks for the same token too often in a short time",
			Remedy: "wait; let every program get its token from one place",
		},
		Refusal{
			Text:   Texts{"aadsts90055:"},
			Kind:   "temporary",
			Cause:  "the directory gets too many requests",
			Remedy: "try again later",
		},
		Refusal{
			Text:   Texts{"aadsts90033:", "aadsts90006:", "aadsts90024:"},
			Kind:   "temporary",
			Cause:  "Microsoft's directory service is not available now",
			Remedy: "try again later",
		},
		Refusal{
			Text:   Texts{"aadsts50087:"},
			Kind:   "temporary",
			Cause:  "Microsoft could not check the second factor (MFA) now",
			Remedy: "try again later",
		},
		Refusal{
			Text:   Texts{"aadsts70012:"},
			Kind:   "temporary",
			Cause:  "Microsoft could not check the personal account now",
			Remedy: "try again later",
		},
		Refusal{
			Text:   Texts{"aadsts70019:"},
			Kind:   "login_required",
			Cause:  "the device code was not confirmed in time",
			Remedy: "{login again} and confirm the code at once",
		},
		Refusal{
			Text:       Texts{"aadsts70002:"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is not the right one",
			Remedy:     "check the secret's value under Certificates & secrets",
		},
		Refusal{
			Text:   Texts{"aadsts70000:"},
			Kind:   "login_required",
			Cause:  "Microsoft cannot use this refresh token: it was revoked, is incomplete, or the consent was withdrawn",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"interaction_required"},
			Kind:   "login_required",
			Cause:  "Microsoft requires an action of the user: a second factor, consent or a new password",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_resource"},
			Kind:   "misconfigured",
			Cause:  "the resource that the scope names does not exist or is not set up in this directory",
			Remedy: "check the scope and the part tenant",
		},
	},
}

func builtinMicrosoft() *Provider {
	p := builtinMicrosoftData
	p.Unofficial = map[string]string{
		"errors.2":                      "explanations by administrators; Microsoft's table does not list it",
		"errors.42":                     "questions of developers; Microsoft's table does not list it",
		"hosts":                         "login.microsoft.com and login.windows.net are names that Microsoft's own libraries treat as the same service",
		"parts.host.clouds.0.api_hosts": "in addition to Microsoft Graph: Azure, Outlook, Dynamics 365, SharePoint and Power BI hosts that their own manuals name",
		"parts.host.clouds.1.api_hosts": "in addition to Microsoft Graph: those of Azure and Outlook are not from a page that was read",
		"parts.host.clouds.1.endpoints": "integrators; Microsoft's page has the root of each cloud's Graph",
		"parts.host.clouds.2.api_hosts": "in addition to Microsoft Graph: Dynamics 365 and SharePoint hosts that their own manuals name",
		"parts.host.clouds.2.endpoints": "integrators; Microsoft's page has the root of each cloud's Graph",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "login.microsoftonline.com",
			Values: []string{
				"login.microsoftonline.com",
				"login.microsoftonline.us",
				"login.partner.microsoftonline.cn",
				"login.chinacloudapi.cn",
			},
			Hint: "the cloud: the global one, that of the US government (.us), or China (.cn)",
			Clouds: []Cloud{
				Cloud{
					Values:    []string{"login.microsoftonline.com"},
					Endpoints: oauth.Endpoints{Userinfo: "https://graph.microsoft.com/oidc/userinfo"},
					Hosts: []string{
						"graph.microsoft.com",
						"management.azure.com",
						"outlook.office.com",
						"outlook.office365.com",
						".dynamics.com",
						".sharepoint.com",
						"api.powerbi.com",
						".analysis.windows.net",
					},
				},
				Cloud{
					Values:    []string{"login.microsoftonline.us"},
					Endpoints: oauth.Endpoints{Userinfo: "https://graph.microsoft.us/oidc/userinfo"},
					Hosts: []string{
						"graph.microsoft.us",
						"dod-graph.microsoft.us",
						"management.usgovcloudapi.net",
						"outlook.office365.us",
						".microsoftdynamics.us",
						".appsplatform.us",
						".sharepoint.us",
						".sharepoint-mil.us",
					},
				},
				Cloud{
					Values:    []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"},
					Endpoints: oauth.Endpoints{Userinfo: "https://microsoftgraph.chinacloudapi.cn/oidc/userinfo"},
					Hosts:     []string{"microsoftgraph.chinacloudapi.cn", ".dynamics.cn", ".sharepoint.cn"},
				},
			},
		},
		"tenant": Part{
			Default: "common",
			Hint:    "the directory (tenant) id or one of its domains; common, organizations or consumers for more than one",
		},
	}
	return &p
}

var builtinNotionData = Provider{
	Name:  "notion",
	Title: "Notion",
	Documentation: []string{
		"https://developers.notion.com/reference/refresh-a-token",
		"https://developers.notion.com/reference/create-a-token",
		"https://developers.notion.com/reference/status-codes",
		"https://developers.notion.com/guides/get-started/authorization",
	},
	Notes: []string{
		"A refresh returns a new access token and a new refresh token.",
		"A token is for the pages and databases that the user chose, in one workspace (workspace_id in the reply).",
		"There are no scopes: what a connection may do is set in its own settings.",
		"Every call of the API needs the header Notion-Version.",
		"Notion revokes and introspects access tokens only, as JSON, at /v1/oauth/revoke and /v1/oauth/introspect.",
		"The user ends the grant under Settings, Connections.",
	},
	Hosts: []string{"api.notion.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://api.notion.com/v1/oauth/authorize",
		Token:         "https://api.notion.com/v1/oauth/token",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the OAuth client ID: at notion.so/my-integrations, the public connection, Configuration",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "none",
		Hint:        "make the connection public, and add http://localhost:8484/callback to its redirect URIs",
	},
	Exchange:     Exchange{Format: "json"},
	Refresh:      Refresh{Format: "json"},
	AccessToken:  AccessToken{PermanentWithoutExpiresIn: true},
	RefreshToken: RefreshToken{Rotation: "always"},
	Reply: Reply{
		Harmless: []string{
			"bot_id",
			"workspace_id",
			"workspace_name",
			"workspace_icon",
			"owner",
			"duplicated_template_id",
			"request_id",
		},
	},
	API: API{Base: "https://api.notion.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Notion no longer accepts this refresh token: it was used already, or the user disconnected the app",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired, was used already, or belongs to another redirect address",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client", "unauthorized"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Notion does not accept the client id with this secret",
			Remedy:     "check both at notion.so/my-integrations, the connection, Configuration",
		},
		Refusal{
			Code:   Texts{"invalid_json", "validation_error"},
			Kind:   "misconfigured",
			Cause:  "Notion did not accept a parameter of the request",
			Remedy: "check the redirect address and the parameters that you added",
		},
		Refusal{
			Code:   Texts{"rate_limited"},
			Kind:   "temporary",
			Cause:  "Notion's rate limit was reached",
			Remedy: "try again later",
		},
		Refusal{
			Code:   Texts{"conflict_error"},
			Kind:   "temporary",
			Cause:  "another request was changing the same data",
			Remedy: "try again later",
		},
		Refusal{
			Code:   Texts{"service_unavailable", "database_connection_unavailable"},
			Kind:   "temporary",
			Cause:  "Notion is not available now",
			Remedy: "try again later",
		},
	},
}

func builtinNotion() *Provider {
	p := builtinNotionData
	p.Unofficial = map[string]string{
		"access_token.permanent_without_expires_in": "integrators; Notion's pages name no lifetime",
		"errors.0":       "a guide of an integrator; Notion's reference lists the code without a meaning",
		"errors.1":       "a guide of an integrator; Notion's reference lists the code without a meaning",
		"errors.2":       "replies as integrators quote them",
		"login.pkce":     "the authorization request is documented without PKCE",
		"login.redirect": "integrators; Notion's pages do not speak of the port of a loopback address",
	}
	p.Login.Params = map[string]string{"owner": "user"}
	p.Reply.Members = map[string]string{"error": "code", "error_description": "message"}
	return &p
}

var builtinOktaData = Provider{
	Name:  "okta",
	Title: "Okta",
	Documentation: []string{
		"https://developer.okta.com/docs/guides/refresh-tokens/main/",
		"https://developer.okta.com/docs/concepts/auth-servers/",
		"https://developer.okta.com/docs/reference/api/oidc/",
		"https://support.okta.com/help/s/article/refresh-token-expiration-behavior",
		"https://support.okta.com/help/s/article/openid-connect-oidc-redirect-uri",
		"https://support.okta.com/help/s/article/invalid-client-error-returned-during-client-authentication-failure",
	},
	Notes: []string{
		"The org authorization server, which has no name, is the issuer https://DOMAIN; a login looks up its endpoints, which are below /oauth2/v1.",
		"A custom authorization server, also the one named default, needs the product API Access Management.",
		"Whether refresh tokens rotate is a setting of the app; rotation is the default only for single-page apps.",
		"The grace period after a rotation is a setting of the app, 0 to 60 seconds; its default is 30.",
		"The idle limit is that of the default access policy; an access policy can set other limits, also an absolute one.",
		"A refresh token of the org authorization server expires 90 days after the login and has no idle limit.",
		"Access tokens live 5 minutes to 24 hours, as the access policy says; those of the org authorization server one hour.",
	},
	Hosts:  []string{".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil"},
	Issuer: "https://{domain}/oauth2/{server}",
	Endpoints: oauth.Endpoints{
		Authorization: "/v1/authorize",
		Token:         "/v1/token",
		Device:        "/v1/device/authorize",
		Revocation:    "/v1/revoke",
		Introspection: "/v1/introspect",
		Userinfo:      "/v1/userinfo",
		JWKS:          "/v1/keys",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: in the Admin Console under Applications, the app, General",
	},
	Login: Login{
		Scopes:       []string{"openid", "offline_access"},
		RefreshScope: "offline_access",
		Redirect:     "exact",
		RedirectURI:  "http://localhost:8484/callback",
		PKCE:         "S256",
		Hint:         "the app needs the sign-in redirect URI http://localhost:8484/callback and the grant type Refresh Token",
	},
	AccessToken: AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{
		Rotation:     "setting",
		Grace:        30000000000,
		ReuseRevokes: true,
		Idle:         604800000000000,
	},
	Reply: Reply{},
	API:   API{Base: "https://{domain}/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token is invalid or expired"},
			Kind:   "login_required",
			Cause:  "Okta no longer accepts this refresh token: it expired, was unused too long, revoked, or spent by a rotation",
			Remedy: "{login again}; in the System Log the reason is invalid_refresh_token, or detect_reuse if a spent token came back",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			Text:       Texts{"client secret supplied for a confidential client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong, has expired or was revoked",
			Remedy:     "check it in the Admin Console under Applications, the app, Client Credentials",
		},
		Refusal{
			Code:   Texts{"invalid_client"},
			Text:   Texts{"invalid value for 'client_id'"},
			Kind:   "misconfigured",
			Cause:  "this Okta org does not know the client id",
			Remedy: "check the client id and the part domain",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			Text:       Texts{"either the client or the client credentials"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Okta does not accept the client id with this secret, or expects the secret elsewhere in the request",
			Remedy:     "check both and the part domain; if the app expects the secret in the body, {set auth=body}",
		},
		Refusal{
			Text:   Texts{"policy evaluation failed"},
			Kind:   "misconfigured",
			Cause:  "no access policy of the authorization server allows this app, user and scope",
			Remedy: "add the app and its scopes under Security, API, the server, Access Policies (System Log: no_matching_policy)",
		},
		Refusal{
			Code:   Texts{"E0000015"},
			Kind:   "misconfigured",
			Cause:  "this org may not use custom authorization servers: it lacks the product API Access Management",
			Remedy: "{set issuer=https://DOMAIN}, the org authorization server, then {login again}",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Text:   Texts{"grant type"},
			Kind:   "misconfigured",
			Cause:  "the app may not use this grant",
			Remedy: "in the Admin Console under Applications, the app, General, Grant type, allow Refresh Token",
		},
		Refusal{
			Code:   Texts{"invalid_dpop_proof"},
			Kind:   "misconfigured",
			Cause:  "the app requires tokens bound to a key (DPoP), and the request has no proof",
			Remedy: "under Applications, the app, General, switch off \"Require Demonstrating Proof of Possession\"",
		},
		Refusal{
			Code:   Texts{"E0000047"},
			Kind:   "temporary",
			Cause:  "the org gets more requests than its rate limit allows",
			Remedy: "try again in a minute",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authorization code is invalid"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"pkce verification failed"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "Okta did not accept the login's PKCE code verifier",
			Remedy: "{login again}",
		},
	},
}

func builtinOkta() *Provider {
	p := builtinOktaData
	p.Unofficial = map[string]string{
		"errors.10":           "replies of Okta orgs as developers quote them",
		"errors.6":            "replies of Okta orgs as developers quote them",
		"errors.7":            "the code is that of RFC 9449; the setting is the one of Okta's guide to DPoP",
		"errors.8":            "replies of Okta orgs as developers quote them",
		"errors.9":            "replies of Okta orgs as developers quote them",
		"hosts":               "the last two, of the US government and military, are from tools that administrators use; the others are documented",
		"refresh_token.grace": "the default of a setting from 0 to 60 seconds: with 0, a second presentation revokes the grant",
	}
	p.Parts = map[string]Part{
		"domain": Part{Hint: "the org's domain, like dev-123456.okta.com, without -admin"},
		"server": Part{
			Default: "default",
			Hint:    "the id of the authorization server: in the Admin Console under Security, API",
		},
	}
	p.Reply.Members = map[string]string{"error": "errorCode", "error_description": "errorSummary"}
	return &p
}

var builtinPaypalData = Provider{
	Name:  "paypal",
	Title: "PayPal",
	Documentation: []string{
		"https://developer.paypal.com/api/rest/authentication/",
		"https://developer.paypal.com/log-in/build",
		"https://developer.paypal.com/log-in/build-button",
		"https://developer.paypal.com/api/identity/v1/",
	},
	Notes: []string{
		"An application token needs no person: freshet login paypal --grant client-credentials. It has no refresh token.",
		"PayPal returns the same application token again while it is valid, with the seconds that are left.",
		"Live and sandbox have their own hosts, client ids and secrets.",
		"No endpoint of RFC 7009 is known: the user ends a grant in PayPal under Settings.",
	},
	Hosts: []string{
		"api-m.paypal.com",
		"www.paypal.com",
		"api-m.sandbox.paypal.com",
		"www.sandbox.paypal.com",
	},
	Endpoints: oauth.Endpoints{Token: "https://{host}/v1/oauth2/token"},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: in the PayPal Developer Dashboard under Apps & Credentials, the app; live and sandbox have one each",
	},
	Login: Login{
		Scopes:   []string{"openid"},
		Redirect: "https",
		PKCE:     "none",
		Hint:     "under Apps & Credentials, the app needs Log in with PayPal and your page as its Return URL",
	},
	AccessToken:  AccessToken{Lifetime: 28800000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes"},
	Reply:        Reply{Harmless: []string{"app_id", "nonce"}},
	API:          API{Base: "https://{host}/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "PayPal no longer accepts this refresh token: it was revoked, or the user changed the account",
			Remedy: "{login again}; the user sees and removes apps in PayPal under Settings, Data and privacy",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "PayPal does not know this client id and secret on this host",
			Remedy:     "copy both again from Apps & Credentials: live and sandbox have one pair each; for the sandbox {set part.host=api-m.sandbox.paypal.com}",
		},
	},
}

func builtinPaypal() *Provider {
	p := builtinPaypalData
	p.Unofficial = map[string]string{
		"access_token.lifetime":  "the documented samples have 31668 and 32398 seconds; the reply says it",
		"errors.0":               "integrators",
		"errors.1":               "integrators",
		"login.pkce":             "the authorization request is documented without PKCE",
		"login.redirect":         "the return URL is documented without a loopback address; integrators see localhost refused",
		"login.scopes":           "the scope is documented; that it is the default is freshet's choice",
		"notes.1":                "integrators",
		"refresh_token.rotation": "no page says whether the refresh token stays; freshet takes either",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "api-m.paypal.com",
			Values:  []string{"api-m.paypal.com", "api-m.sandbox.paypal.com"},
			Hint:    "the environment of the client id: api-m.paypal.com for live, api-m.sandbox.paypal.com for the sandbox",
			Clouds: []Cloud{
				Cloud{
					Values:    []string{"api-m.paypal.com"},
					Endpoints: oauth.Endpoints{Authorization: "https://www.paypal.com/signin/authorize"},
					Hosts:     []string{"api-m.paypal.com", "api.paypal.com"},
				},
				Cloud{
					Values:    []string{"api-m.sandbox.paypal.com"},
					Endpoints: oauth.Endpoints{Authorization: "https://www.sandbox.paypal.com/signin/authorize"},
					Hosts:     []string{"api-m.sandbox.paypal.com", "api.sandbox.paypal.com"},
				},
			},
		},
	}
	p.Login.Params = map[string]string{"flowEntry": "static"}
	return &p
}

var builtinPipedriveData = Provider{
	Name:  "pipedrive",
	Title: "Pipedrive",
	Documentation: []string{
		"https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
		"https://developers.pipedrive.com/docs/api/v1/Oauth",
	},
	Notes: []string{
		"Each company has its own host. The reply has it in api_domain, and a token goes to no other.",
		"A refresh token expires when it is not used for 60 days; each use begins them anew.",
		"The app's scopes are set in its Developer Hub; a login without scopes asks for all of them.",
		"A revoked refresh token uninstalls the app in the company; a revoked access token does not end the grant.",
	},
	Hosts: []string{"oauth.pipedrive.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://oauth.pipedrive.com/oauth/authorize",
		Token:         "https://oauth.pipedrive.com/oauth/token",
		Revocation:    "https://oauth.pipedrive.com/oauth/revoke",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: in the Developer Hub, the app, OAuth & access scopes",
	},
	Login: Login{
		Redirect: "https",
		PKCE:     "none",
		Hint:     "set the app's Callback URL, which must be https; it has one only",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes", Idle: 5184000000000000},
	Reply:        Reply{Harmless: []string{"api_domain"}},
	API:          API{Hosts: []string{".pipedrive.com"}, Members: []string{"api_domain"}},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Pipedrive no longer accepts this refresh token: unused for 60 days, or the app was uninstalled",
			Remedy: "{login again}, which installs the app",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Pipedrive does not accept the client id with this secret",
			Remedy:     "check both in the Developer Hub, the app, OAuth & access scopes",
		},
	},
}

func builtinPipedrive() *Provider {
	p := builtinPipedriveData
	p.Unofficial = map[string]string{
		"access_token.lifetime":  "replies as integrators quote them; each reply has expires_in",
		"errors":                 "a reference by an integrator; the codes are those of RFC 6749",
		"login.pkce":             "the authorization request is documented without PKCE",
		"login.redirect":         "integrators: the callback URL must be https",
		"refresh_token.rotation": "integrators do not agree whether the refresh token changes",
	}
	return &p
}

var builtinQuickbooksData = Provider{
	Name:  "quickbooks",
	Title: "QuickBooks Online",
	Documentation: []string{
		"https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
		"https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq",
		"https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-openid-discovery-doc",
		"https://help.developer.intuit.com/s/article/Validity-of-Refresh-Token",
		"https://github.com/intuit/QuickBooks-V3-Java-SDK/releases/tag/v6.5.4",
		"https://github.com/intuit/oauth-jsclient",
		"https://blogs.intuit.com/2025/11/12/important-changes-to-refresh-token-policy",
	},
	Notes: []string{
		"The company (realmId) comes in the redirect of the login only, and in no reply: note it, every call of the API needs it.",
		"The value of the refresh token changes about every 24 hours; Intuit's help says that the previous value is then invalid.",
		"The README of Intuit's JavaScript client gives the previous value another 24 hours; nothing here relies on that.",
		"A refresh token lives 100 days from its last use, and five years from the login at most.",
		"The five years count for logins since October 2023 (accounting, payments), with restricted scopes since February 2022.",
		"The development keys are for sandbox companies (the part environment is then sandbox), the production keys for real ones.",
		"The discovery documents are at developer.api.intuit.com/.well-known/openid_configuration and openid_sandbox_configuration.",
		"PKCE is not mentioned in Intuit's pages.",
	},
	Hosts: []string{
		"appcenter.intuit.com",
		"oauth.platform.intuit.com",
		"developer.api.intuit.com",
		"accounts.platform.intuit.com",
		"sandbox-accounts.platform.intuit.com",
	},
	Issuer: "https://oauth.platform.intuit.com/op/v1",
	Endpoints: oauth.Endpoints{
		Authorization: "https://appcenter.intuit.com/connect/oauth2",
		Token:         "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
		Revocation:    "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
		JWKS:          "https://oauth.platform.intuit.com/op/v1/jwks",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client ID: at developer.intuit.com, the app, Keys & credentials, Development or Production",
	},
	Login: Login{
		Scopes:   []string{"com.intuit.quickbooks.accounting"},
		Redirect: "https",
		PKCE:     "none",
		Hint:     "production keys require an https redirect URI, development keys also accept http://localhost:8484/callback",
	},
	Refresh:      Refresh{},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes", Idle: 8640000000000000, Absolute: 157766400000000000},
	Reply: Reply{
		Harmless: []string{"x_refresh_token_expires_in", "x_refresh_token_hard_expires_in", "realmId"},
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"incorrect token type or clientid"},
			Kind:   "misconfigured",
			Cause:  "the refresh token belongs to another client id, or an access token stands in its place",
			Remedy: "use the keys of the login: development keys for a sandbox company, production keys for a real one",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Intuit no longer accepts this refresh token: replaced, unused for 100 days, five years old, or disconnected",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client id or the client secret is wrong, or they are the keys of the other environment",
			Remedy:     "check both under Keys & credentials of the app: Development for sandbox companies, Production for others",
		},
	},
}

func builtinQuickbooks() *Provider {
	p := builtinQuickbooksData
	p.Unofficial = map[string]string{
		"errors.0":                             "issues of Intuit's PHP SDK",
		"parts.environment.clouds.0.api_hosts": "api.intuit.com, of QuickBooks Payments, as Intuit's SDKs name it",
		"parts.environment.clouds.1.api_hosts": "sandbox.api.intuit.com, of QuickBooks Payments, as Intuit's SDKs name it",
		"parts.environment.clouds.1.endpoints": "a test of Intuit's own Java client",
	}
	p.Parts = map[string]Part{
		"environment": Part{
			Default: "production",
			Values:  []string{"production", "sandbox"},
			Hint:    "the environment of the client id: production, or sandbox for the development keys",
			Clouds: []Cloud{
				Cloud{
					Values:    []string{"production"},
					Endpoints: oauth.Endpoints{Userinfo: "https://accounts.platform.intuit.com/v1/openid_connect/userinfo"},
					Hosts:     []string{"quickbooks.api.intuit.com", "api.intuit.com", "accounts.platform.intuit.com"},
				},
				Cloud{
					Values: []string{"sandbox"},
					Endpoints: oauth.Endpoints{
						Userinfo: "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo",
					},
					Hosts: []string{
						"sandbox-quickbooks.api.intuit.com",
						"sandbox.api.intuit.com",
						"sandbox-accounts.platform.intuit.com",
					},
				},
			},
		},
	}
	p.Refresh.Headers = map[string]string{"x-include-refresh-token-hard-expires-in": "true"}
	p.Reply.Members = map[string]string{
		"authorization_expires_in": "x_refresh_token_hard_expires_in",
		"refresh_token_expires_in": "x_refresh_token_expires_in",
	}
	return &p
}

var builtinSalesforceData = Provider{
	Name:  "salesforce",
	Title: "Salesforce",
	Documentation: []string{
		"https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm",
		"https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm",
		"https://help.salesforce.com/s/articleView?id=005316711",
		"https://help.salesforce.com/s/articleView?id=xcloud.connected_app_limit_idle_ttl.htm",
		"https://help.salesforce.com/s/articleView?id=platform.remoteaccess_request_approve.htm",
		"https://help.salesforce.com/s/articleView?id=000381578",
		"https://help.salesforce.com/s/articleView?id=005132365",
		"https://developer.salesforce.com/docs/atlas.en-us.packagingGuide.meta/packagingGuide/secure_code_ac_eca.htm",
		"https://github.com/forcedotcom/SalesforceMobileSDK-Android/blob/dev/libs/SalesforceSDK/src/com/salesforce/androidsdk/auth/OAuthErrorCode.kt",
	},
	Notes: []string{
		"Replies carry no expires_in: the session timeout is the org's (two hours unless an administrator changed it), and use prolongs it.",
		"Tokens are refreshed at the host where the login was, not at instance_url: an org can move to another instance.",
		"Since September 2025 most users may not use an app that is not installed in the org, and no user one with the device login.",
		"Since Spring '26 a new app is an External Client App: connected apps can no longer be made.",
		"Partner apps must have an idle limit of 30 days; the policy of another app may have another limit or none.",
		"Applying a new consumer key or secret ends every token of the app.",
	},
	Hosts: []string{
		"login.salesforce.com",
		"test.salesforce.com",
		".my.salesforce.com",
		".my.site.com",
	},
	Issuer: "https://login.salesforce.com",
	Endpoints: oauth.Endpoints{
		Authorization: "/services/oauth2/authorize",
		Token:         "/services/oauth2/token",
		Device:        "/services/oauth2/token",
		Revocation:    "/services/oauth2/revoke",
		Introspection: "/services/oauth2/introspect",
		Userinfo:      "/services/oauth2/userinfo",
		JWKS:          "/id/keys",
	},
	Identity: &Identity{
		Member:     "id",
		PathPrefix: "/id/",
		Orgs: []Orgs{
			Orgs{
				Login: "test.salesforce.com",
				Hosts: []string{
					".sandbox.my.salesforce.com",
					".sandbox.my.site.com",
					".scratch.my.salesforce.com",
					".scratch.my.site.com",
				},
			},
			Orgs{
				Login: "login.salesforce.com",
				Hosts: []string{".my.salesforce.com", ".my.site.com"},
			},
		},
	},
	Client: Client{
		IDPattern: "^(3MVG[A-Za-z0-9._]{20,}|Platform[A-Za-z]+)$",
		Hint:      "it is the consumer key: in Salesforce Setup open App Manager (or External Client App Manager), choose the app, then View, Manage Consumer Details",
	},
	JWTBearer: JWTBearer{
		Audiences: []Audience{
			Audience{
				Hosts: []string{
					"test.salesforce.com",
					".sandbox.my.salesforce.com",
					".scratch.my.salesforce.com",
				},
				Audience: "https://test.salesforce.com",
			},
			Audience{
				Hosts:    []string{"login.salesforce.com", ".my.salesforce.com"},
				Audience: "https://login.salesforce.com",
			},
		},
	},
	Login: Login{
		Scopes:                []string{"api", "id", "refresh_token"},
		RefreshScope:          "refresh_token",
		Redirect:              "exact",
		RedirectURI:           "http://localhost:8484/callback",
		DeviceAtTokenEndpoint: true,
		Hint:                  "the app needs the callback URL http://localhost:8484/callback and the scope refresh_token; for a sandbox or a My Domain, its address is the issuer",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000, Variables: []string{"SF_ACCESS_TOKEN"}},
	RefreshToken: RefreshToken{Rotation: "setting", ReuseRevokes: true, Idle: 2592000000000000, Limit: 5},
	Reply: Reply{
		Harmless: []string{
			"id",
			"instance_url",
			"api_instance_url",
			"sfdc_community_url",
			"sfdc_community_id",
			"token_format",
		},
	},
	API: API{
		Hosts:   []string{".salesforce.com", ".my.site.com", ".force.com"},
		Members: []string{"instance_url", "api_instance_url", "sfdc_community_url", "id"},
		Rejections: []Rejection{
			Rejection{Status: 403, Text: "Bad_OAuth_Token"},
			Rejection{Status: 500, Text: "INVALID_SESSION_ID"},
			Rejection{Status: 400, Text: "InvalidSessionId"},
		},
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"already being processed"},
			Kind:   "temporary",
			Cause:  "another program is refreshing this token at the same moment",
			Remedy: "wait a few seconds; if it happens often, let every program get its token from freshet",
			Wait:   2000000000,
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"expired authorization code", "invalid authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "Salesforce did not accept the login's code: it was used already, is older than fifteen minutes, or belongs to another app",
			Remedy: "{login again}; if it happens at once, check the consumer key and the callback URL",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"expired authorization code"},
			Kind:   "temporary",
			Cause:  "another program was refreshing this token at the same moment",
			Remedy: "wait a few seconds and try again",
			Wait:   2000000000,
		},
		Refusal{
			Code:      Texts{"invalid_grant"},
			Text:      Texts{"expired access/refresh token"},
			WrongHost: true,
			Kind:      "login_required",
			Cause:     "the token was sent to the wrong host: it is of {org}, and {asked} does not know it",
			Remedy:    "refresh it at {home}: {set token_url} with that host; if that is refused too, {login again} there",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"expired access/refresh token"},
			Kind:   "login_required",
			Cause:  "Salesforce no longer accepts this refresh token: it was revoked, replaced by a rotation, unused for too long, or pushed out by a sixth login of the same user to the same app",
			Remedy: "{login again}; if the token came from a sandbox or My Domain, first check that the host asked is the one it came from",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"code verifier"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "Salesforce did not accept the login's PKCE code verifier",
			Remedy: "{login again}; only one login at a time can use a callback URL",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"inactive user", "user is inactive", "frozen"},
			Kind:   "login_required",
			Cause:  "the Salesforce user was deactivated or frozen",
			Remedy: "ask the org's administrator to activate the user, then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"inactive org", "org is locked", "organization is locked", "suspended"},
			Kind:   "login_required",
			Cause:  "the Salesforce org is locked, closed or suspended",
			Remedy: "ask Salesforce support or the org's administrator",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"ip restricted"},
			Kind:   "misconfigured",
			Cause:  "Salesforce does not let this address refresh the token",
			Remedy: "add this machine's address to the app's or the profile's trusted IP ranges, or run the program where it is allowed",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"login hours"},
			Kind:   "temporary",
			Cause:  "the user's profile does not allow a login at this hour",
			Remedy: "try again within the login hours, or widen them in the profile",
			Wait:   3600000000000,
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authentication failure"},
			Kind:   "login_required",
			Cause:  "Salesforce could not authenticate the user: deactivated, or the password changed",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"invalid user credentials", "invalid password", "security token"},
			Kind:   "login_required",
			Cause:  "Salesforce did not accept a user name and password, or does not allow logins with them",
			Remedy: "log in with a browser: the password flow returns no refresh token and is being withdrawn",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"hasn't approved this consumer"},
			Kind:   "login_required",
			Cause:  "the user has not approved this app, or the approval was withdrawn",
			Remedy: "{login again}, or let the org's administrator pre-authorize the app for the user's profile",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"audience validation failed", "invalid assertion"},
			Kind:   "misconfigured",
			Cause:  "Salesforce did not accept the signed assertion: its audience, issuer, subject, time or signature is wrong",
			Remedy: "check the login host in the audience, the certificate of the app, the user name and this machine's clock",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"no valid scopes"},
			Kind:   "misconfigured",
			Cause:  "the app grants none of the scopes that are needed",
			Remedy: "add scopes to the app in Setup, among them \"Perform requests at any time\", then {login again}",
		},
		Refusal{
			Code:   Texts{"inactive_user"},
			Kind:   "login_required",
			Cause:  "the Salesforce user was deactivated or frozen",
			Remedy: "ask the org's administrator to activate the user, then {login again}",
		},
		Refusal{
			Code:   Texts{"inactive_org"},
			Kind:   "login_required",
			Cause:  "the Salesforce org is locked, closed or suspended",
			Remedy: "ask Salesforce support or the org's administrator",
		},
		Refusal{
			Code:   Texts{"invalid_client_id"},
			Kind:   "misconfigured",
			Cause:  "Salesforce does not know this client id on this host",
			Remedy: "check the consumer key, and that the token came from this host; a new app takes some minutes to be known",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Salesforce does not accept the consumer secret: it is wrong or was changed, or the app has none",
			Remedy:     "{set client_secret}, the consumer secret; a public client must send none",
		},
		Refusal{
			Code:   Texts{"invalid_client"},
			Kind:   "misconfigured",
			Cause:  "this app requires the consumer secret, and none was sent",
			Remedy: "{set client_secret}, the consumer secret; or switch off \"Require secret for refresh token flow\" in the app",
		},
		Refusal{
			Code:       Texts{"invalid_client_credentials"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Salesforce does not accept the consumer secret",
			Remedy:     "check the consumer secret of the app",
		},
		Refusal{
			Code:   Texts{"invalid_basic_auth_header"},
			Kind:   "misconfigured",
			Cause:  "Salesforce could not read the client's credentials in the Authorization header",
			Remedy: "{set auth=body}",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"refresh_token scope is required"},
			Kind:   "misconfigured",
			Cause:  "the app has no refresh_token scope, or is not installed and pre-authorized in this org",
			Remedy: "add the scope \"Perform requests at any time\" to the app, install it in the org, then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"must use http post", "https required"},
			Kind:   "misconfigured",
			Cause:  "the request was changed on the way, to a GET or to plain http",
			Remedy: "check the token endpoint's address, and the proxy",
		},
		Refusal{
			Code:   Texts{"rate_limit_exceeded"},
			Kind:   "temporary",
			Cause:  "this user logged in more than 3,600 times within an hour",
			Remedy: "wait up to an hour, and reuse access tokens instead of asking for new ones",
			Wait:   3600000000000,
		},
		Refusal{
			Text:   Texts{"login rate exceeded", "number of logins exceeded"},
			Kind:   "temporary",
			Cause:  "this user logged in more than 3,600 times within an hour",
			Remedy: "wait up to an hour, and reuse access tokens instead of asking for new ones",
			Wait:   3600000000000,
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the app in Salesforce does not have a scope that was asked for",
			Remedy: "add the scope to the app in Setup, or {login again} with fewer scopes",
		},
		Refusal{
			Code:   Texts{"redirect_uri_mismatch"},
			Kind:   "misconfigured",
			Cause:  "the callback URL is not one of the app's",
			Remedy: "add it to the app in Setup, letter for letter, or {set redirect_uri}: one that is there",
		},
		Refusal{
			Code:   Texts{"redirect_uri_missing"},
			Kind:   "misconfigured",
			Cause:  "the request named no callback URL",
			Remedy: "{set redirect_uri}: one of the app's",
		},
		Refusal{
			Code:   Texts{"unknown_error", "server_error", "service_unavailable", "system_down"},
			Kind:   "temporary",
			Cause:  "Salesforce has a temporary fault and asks for another attempt",
			Remedy: "try again in a moment",
			Wait:   2000000000,
		},
		Refusal{
			Code: Texts{
				"app_blocked",
				"client_blocked",
				"client_blocked_retry",
				"fail_close_app_blocked",
				"OAUTH_APP_BLOCKED",
			},
			Kind:   "misconfigured",
			Cause:  "the org's administrator, or Salesforce, blocked this app",
			Remedy: "let the administrator unblock it under Connected Apps OAuth Usage in Setup",
		},
		Refusal{
			Code:   Texts{"oauth_flow_disabled"},
			Kind:   "misconfigured",
			Cause:  "the org or the app does not allow this OAuth flow",
			Remedy: "let the org's administrator enable the refresh token flow in the app's policies",
		},
		Refusal{
			Code: Texts{
				"app_not_found",
				"oauth_policy_not_found",
				"ecapp_policy_not_found",
				"installation_error",
				"invalid_distribution_state",
				"invalid_app_access",
				"OAUTH_EC_APP_NOT_FOUND",
			},
			Kind:   "misconfigured",
			Cause:  "the app is not installed in this org, or has no policy there",
			Remedy: "let the administrator install the app in the org and permit the user to use it",
		},
		Refusal{
			Code:   Texts{"OAUTH_APP_ACCESS_DENIED"},
			Kind:   "misconfigured",
			Cause:  "the org's administrator has not permitted this user to use the app",
			Remedy: "let the administrator permit it, by a profile or a permission set of the app",
		},
		Refusal{
			Code:   Texts{"OAUTH_APPROVAL_ERROR_GENERIC"},
			Kind:   "misconfigured",
			Cause:  "Salesforce could not approve the app: most often it is not installed in this org",
			Remedy: "let the administrator install the app under Connected Apps OAuth Usage in Setup, and log in with a browser, not by device",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"invalid_app_access"},
			Kind:   "misconfigured",
			Cause:  "the app is not installed in this org, or has no policy there",
			Remedy: "let the administrator install the app in the org and permit the user to use it",
		},
		Refusal{
			Code:   Texts{"invalid_session_level"},
			Kind:   "misconfigured",
			Cause:  "the org asks for a stronger login than this one was",
			Remedy: "{login again} with the second factor, or let the administrator change the app's session level policy",
		},
		Refusal{
			Code:   Texts{"invalid_otp", "otp_error", "login_error"},
			Kind:   "login_required",
			Cause:  "the login was not completed: its one-time password or its answer was not accepted",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"bad_jti_claim"},
			Kind:   "misconfigured",
			Cause:  "the signed assertion was used already",
			Remedy: "make a new assertion, with an id of its own",
		},
		Refusal{
			Code:   Texts{"invalid_token"},
			Kind:   "misconfigured",
			Cause:  "Salesforce does not know this token, or takes none of its kind here",
			Remedy: "check which token is meant; if it is the saved one, {login again}",
		},
		Refusal{
			Code:   Texts{"exceeded_registration_limit"},
			Kind:   "misconfigured",
			Cause:  "the org has reached its limit of registered apps",
			Remedy: "let the administrator remove apps that are not used",
		},
		Refusal{
			Code:   Texts{"use_dpop_nonce"},
			Kind:   "misconfigured",
			Cause:  "the app binds tokens to a key (DPoP), which this program does not hold",
			Remedy: "log in with an app that issues Bearer tokens",
		},
		Refusal{
			Code:   Texts{"unsupported_token_type"},
			Kind:   "misconfigured",
			Cause:  "Salesforce cannot revoke a token of this kind",
			Remedy: "end the grant there: in the user's settings under Connections, or in Setup under Connected Apps OAuth Usage",
		},
	},
}

func builtinSalesforce() *Provider {
	p := builtinSalesforceData
	p.Unofficial = map[string]string{
		"access_token.lifetime": "a careful guess: the org's session timeout cannot be known from a reply",
		"api.rejections":        "seen by integrators: 403 of identity addresses, 500 of SOAP, 400 of Bulk",
		"client.id_pattern":     "the shape of the consumer keys in the documentation's examples, and of those of Salesforce's own tools",
		"errors.10.cause":       "reported for a deactivated user and for a changed password",
		"errors.25.text":        "as administrators see it in the login history",
		"errors.3.text":         "the wording of the error that the documentation describes",
		"errors.4.text":         "the wording of the error that the documentation describes",
		"errors.6.text":         "the wording varies; these were seen",
		"errors.7.text":         "the wording varies; these were seen",
		"errors.8.text":         "the documented meaning; the exact wording was not seen",
		"errors.9.text":         "the documented meaning; the exact wording was not seen",
		"refresh_token.idle":    "mandatory for partner apps since 11 May 2026; the policy of another app may have another limit or none",
	}
	return &p
}

var builtinServicenowData = Provider{
	Name:  "servicenow",
	Title: "ServiceNow",
	Documentation: []string{
		"https://www.servicenow.com/docs/r/platform-security/authentication/c_OAuthAuthorizationCodeFlow.html",
		"https://www.servicenow.com/docs/r/zurich/platform-security/authentication/t_ManageTokens.html",
		"https://www.servicenow.com/docs/r/australia/platform-security/authentication/t_RevokeOAuthToken.html",
	},
	Notes: []string{
		"By default an access token lives 30 minutes and a refresh token 100 days; both are settings of the app's record.",
		"Each instance has its own host, apps and tokens: a token goes only to the host of its own token endpoint.",
		"The revocation asks for no client; the token is then marked as expired.",
		"A user sees the grant under Self-Service, My Connected Apps, and administrators under System OAuth, Manage Tokens.",
	},
	Hosts: []string{".service-now.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://{instance}.service-now.com/oauth_auth.do",
		Token:         "https://{instance}.service-now.com/oauth_token.do",
		Revocation:    "https://{instance}.service-now.com/oauth_revoke_token.do",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: in the instance under System OAuth, Application Registry, the app",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "the app's record needs the redirect URL http://localhost:8484/callback",
	},
	AccessToken:  AccessToken{Lifetime: 1800000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes", Absolute: 8640000000000000},
	API:          API{Base: "https://{instance}.service-now.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"server_error"},
			Text:   Texts{"access_denied"},
			Kind:   "login_required",
			Cause:  "the instance did not accept the refresh token, or the client: its reply does not say which",
			Remedy: "check the client in System OAuth, Application Registry, then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "the instance no longer accepts this refresh token: 100 days old, or revoked under Manage Tokens",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client", "unauthorized_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the instance does not accept the client id with this secret",
			Remedy:     "check both in the instance under System OAuth, Application Registry, and the part instance",
		},
	},
}

func builtinServicenow() *Provider {
	p := builtinServicenowData
	p.Unofficial = map[string]string{
		"errors":                 "replies as developers quote them",
		"login.pkce":             "newer instances offer it for public clients; others ignore it",
		"login.redirect":         "ServiceNow's pages do not speak of loopback addresses; exact is safe",
		"refresh_token.rotation": "no page says whether a refresh replaces the refresh token",
	}
	p.Parts = map[string]Part{"instance": Part{Hint: "the instance's name: the text before .service-now.com"}}
	return &p
}

var builtinShopifyData = Provider{
	Name:  "shopify",
	Title: "Shopify",
	Documentation: []string{
		"https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens",
		"https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant",
		"https://shopify.dev/changelog/offline-access-tokens-now-support-expiry-and-refresh",
		"https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens",
	},
	Notes: []string{
		"Each shop has its own host, its own login and its own tokens.",
		"Without expiring=1, the exchange of the code returns the old kind of token, which does not expire and has no refresh token.",
		"A public app made since 1 April 2026 may not use the old kind; on 1 January 2027 it ends for all public apps, not for those of one shop.",
		"The previous refresh token is accepted until its replacement is used: for 30 days at most, and within its own 90 days.",
		"Uninstalling the app in a shop ends all its tokens there.",
	},
	Hosts: []string{".myshopify.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://{shop}.myshopify.com/admin/oauth/authorize",
		Token:         "https://{shop}.myshopify.com/admin/oauth/access_token",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is in Shopify's Dev Dashboard: the app, Settings, Credentials (older pages call it the API key)",
	},
	Login: Login{
		ScopeSeparator: ",",
		Redirect:       "exact",
		RedirectURI:    "http://localhost:8484/callback",
		PKCE:           "none",
		Hint:           "the app needs http://localhost:8484/callback among its redirect URLs and an app URL on the same host",
	},
	Exchange:     Exchange{},
	AccessToken:  AccessToken{Lifetime: 3600000000000, PermanentWithoutExpiresIn: true},
	RefreshToken: RefreshToken{Rotation: "always", Grace: 2592000000000000, Idle: 7776000000000000},
	API:          API{Base: "https://{shop}.myshopify.com/", Header: "X-Shopify-Access-Token"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"requires an active refresh_token"},
			Kind:   "login_required",
			Cause:  "the refresh token is spent, older than 90 days, or the app was uninstalled in this shop",
			Remedy: "see in the shop's admin under Settings, Apps whether the app is installed, then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"authorization code was not found or was already used"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already, has expired, or belongs to another shop",
			Remedy: "{login again}, with the name of the shop that gave the consent",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"redirect_uri is not whitelisted"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the redirect address is not among the app's",
			Remedy: "add it in the Dev Dashboard: the app, Versions, Redirect URLs; and release the version",
		},
		Refusal{
			Code:   Texts{"application_cannot_be_found"},
			Kind:   "misconfigured",
			Cause:  "no app has this client id, or it belongs to another organization than this shop",
			Remedy: "copy the client id from the Dev Dashboard and check the name of the shop",
		},
		Refusal{
			Code:   Texts{"app_not_installed"},
			Kind:   "misconfigured",
			Cause:  "the app is not installed in this shop",
			Remedy: "install it from the Dev Dashboard, then {login again}",
		},
		Refusal{
			Code:   Texts{"shop_not_permitted"},
			Kind:   "misconfigured",
			Cause:  "the app belongs to another organization than this shop",
			Remedy: "use an app of the organization that owns the shop",
		},
		Refusal{
			Status: 404,
			Kind:   "misconfigured",
			Cause:  "there is no such shop, or it was closed",
			Remedy: "check the shop's name: it is the text before .myshopify.com in the address of its admin",
		},
	},
}

func builtinShopify() *Provider {
	p := builtinShopifyData
	p.Unofficial = map[string]string{
		"errors.0":       "the same text in the tests and logs of many apps",
		"errors.1":       "the source of ShopifySharp and other clients",
		"errors.2":       "Shopify's community forum",
		"errors.3":       "issues and guides of several clients; the answer may be an HTML page",
		"errors.4":       "the tests of several clients; the answer may be an HTML page",
		"errors.5":       "guides of several clients; the answer may be an HTML page",
		"errors.6":       "integrators",
		"login.pkce":     "the authorization request is documented without PKCE",
		"login.redirect": "integrators; the documentation only says that the app lists its redirect URLs",
	}
	p.Parts = map[string]Part{
		"shop": Part{
			Hint: "the shop's name: the text before .myshopify.com, not the shop's own domain",
		},
	}
	p.Exchange.Params = map[string]string{"expiring": "1"}
	return &p
}

var builtinSlackData = Provider{
	Name:  "slack",
	Title: "Slack",
	Documentation: []string{
		"https://docs.slack.dev/authentication/installing-with-oauth",
		"https://docs.slack.dev/authentication/using-token-rotation",
		"https://docs.slack.dev/authentication/using-pkce",
		"https://docs.slack.dev/reference/methods/oauth.v2.access",
		"https://docs.slack.dev/reference/methods/oauth.v2.exchange",
	},
	Notes: []string{
		"Only an app with token rotation gets tokens that expire, and refresh tokens; rotation cannot be switched off again.",
		"Without rotation a token has no expires_in and lives until it is revoked or the app is uninstalled.",
		"The scopes of a bot go into the parameter scope, those of a user into user_scope, with commas between them.",
		"A login for a bot and a user returns two grants: the bot's at the top of the reply, the user's in authed_user.",
		"A loopback address needs an app with PKCE, which makes it a public client for good, and cannot ask for scopes of a bot.",
		"Refresh tokens of an app with PKCE expire after 30 days; those of others do not.",
		"Slack answers an error with status 200 and \"ok\": false.",
		"Slack has no endpoint of RFC 7009: auth.revoke of its Web API ends the token that it is called with.",
	},
	Hosts: []string{"slack.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://slack.com/oauth/v2/authorize",
		Token:         "https://slack.com/api/oauth.v2.access",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: at api.slack.com/apps, the app, Basic Information, App Credentials",
	},
	Login: Login{
		ScopeSeparator: ",",
		Redirect:       "exact",
		RedirectURI:    "http://localhost:8484/callback",
		PKCE:           "S256",
		Hint:           "under OAuth & Permissions add http://localhost:8484/callback, opt in to PKCE and switch on token rotation",
	},
	AccessToken:  AccessToken{Lifetime: 43200000000000, PermanentWithoutExpiresIn: true},
	RefreshToken: RefreshToken{Rotation: "always"},
	Reply: Reply{
		Harmless: []string{"ok", "app_id", "bot_user_id", "team", "enterprise", "is_enterprise_install"},
	},
	API: API{
		Base: "https://slack.com/",
		Rejections: []Rejection{
			Rejection{Status: 200, Text: "\"error\":\"token_expired\""},
			Rejection{Status: 200, Text: "\"error\":\"token_revoked\""},
			Rejection{Status: 200, Text: "\"error\":\"invalid_auth\""},
		},
		Scheme: "Bearer",
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_refresh_token"},
			Kind:   "login_required",
			Cause:  "Slack no longer accepts this refresh token: it was used already, revoked, or the app was uninstalled",
			Remedy: "{login again}, which installs the app; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"refresh_token_expired"},
			Kind:   "login_required",
			Cause:  "the refresh token has expired: those of an app with PKCE live 30 days",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"token_revoked"},
			Kind:   "login_required",
			Cause:  "the app was uninstalled, or the user or the workspace is gone",
			Remedy: "install or authorize the app again",
		},
		Refusal{
			Code:   Texts{"account_inactive"},
			Kind:   "login_required",
			Cause:  "the user or the workspace was deactivated",
			Remedy: "have it activated again, then install the app again",
		},
		Refusal{
			Code:       Texts{"bad_client_secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong",
			Remedy:     "check it at api.slack.com/apps, the app, Basic Information, App Credentials",
		},
		Refusal{
			Code:   Texts{"invalid_client_id"},
			Kind:   "misconfigured",
			Cause:  "Slack does not know this client id",
			Remedy: "check it at api.slack.com/apps, the app, Basic Information, App Credentials",
		},
		Refusal{
			Code:   Texts{"bad_redirect_uri"},
			Kind:   "misconfigured",
			Cause:  "the redirect address is not the one that the login began with, or not one of the app's",
			Remedy: "check it at api.slack.com/apps, the app, OAuth & Permissions",
		},
		Refusal{
			Code:   Texts{"invalid_code"},
			Kind:   "login_required",
			Cause:  "the login's code is wrong, has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"no_scopes"},
			Kind:   "misconfigured",
			Cause:  "the login asks for no scope",
			Remedy: "ask for the scopes of the bot in scope, for those of a user in user_scope",
		},
		Refusal{
			Code:   Texts{"no_user_scopes"},
			Kind:   "misconfigured",
			Cause:  "the login asks for no scope of a user",
			Remedy: "ask for the scopes of a user in user_scope",
		},
		Refusal{
			Code:   Texts{"oauth_authorization_url_mismatch"},
			Kind:   "misconfigured",
			Cause:  "the login began at another version of the authorization address",
			Remedy: "begin it at https://slack.com/oauth/v2/authorize",
		},
		Refusal{
			Code:   Texts{"token_rotation_not_enabled"},
			Kind:   "misconfigured",
			Cause:  "the app has no token rotation, so there is nothing to refresh",
			Remedy: "switch it on at api.slack.com/apps, the app, OAuth & Permissions; it cannot be switched off",
		},
		Refusal{
			Code:   Texts{"cannot_install_an_org_installed_app"},
			Kind:   "misconfigured",
			Cause:  "an app that is installed for the whole organization cannot be installed in one workspace",
			Remedy: "authorize it for the organization",
		},
		Refusal{
			Code:   Texts{"accesslimited"},
			Kind:   "misconfigured",
			Cause:  "the workspace does not allow this from here",
			Remedy: "ask its administrators which addresses are allowed",
		},
		Refusal{
			Code:   Texts{"two_factor_setup_required"},
			Kind:   "login_required",
			Cause:  "the workspace requires a second factor",
			Remedy: "set it up in Slack, then {login again}",
		},
		Refusal{
			Code:   Texts{"org_login_required"},
			Kind:   "temporary",
			Cause:  "the workspace is being moved to an Enterprise organization",
			Remedy: "try again later",
		},
		Refusal{
			Code:   Texts{"ratelimited"},
			Kind:   "temporary",
			Cause:  "Slack's rate limit was reached",
			Remedy: "try again later",
		},
		Refusal{
			Code:   Texts{"service_unavailable", "request_timeout", "team_added_to_org"},
			Kind:   "temporary",
			Cause:  "Slack could not answer the request now",
			Remedy: "try again later",
		},
		Refusal{
			Code:   Texts{"user_email_unverified"},
			Kind:   "login_required",
			Cause:  "the user's email address at Slack is not verified",
			Remedy: "verify it in Slack, then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant_type"},
			Kind:   "misconfigured",
			Cause:  "Slack does not know this grant at this endpoint",
			Remedy: "{set token_url=https://slack.com/api/oauth.v2.access}",
		},
		Refusal{
			Code:   Texts{"internal_error"},
			Kind:   "unknown_outcome",
			Cause:  "Slack failed, perhaps after it had acted",
			Remedy: "nothing to do now: one more attempt is made",
		},
		Refusal{
			Code:   Texts{"fatal_error"},
			Kind:   "unknown_outcome",
			Cause:  "Slack failed, perhaps after it had acted",
			Remedy: "nothing to do now: one more attempt is made",
		},
	},
}

func builtinSlack() *Provider {
	p := builtinSlackData
	p.Unofficial = map[string]string{
		"errors.1": "a question to the maintainers of Slack's SDK; Slack's pages do not list it",
	}
	p.Reply.Members = map[string]string{
		"access_token":  "authed_user.access_token",
		"expires_in":    "authed_user.expires_in",
		"refresh_token": "authed_user.refresh_token",
		"scope":         "authed_user.scope",
		"token_type":    "authed_user.token_type",
	}
	return &p
}

var builtinSnowflakeData = Provider{
	Name:  "snowflake",
	Title: "Snowflake",
	Documentation: []string{
		"https://docs.snowflake.com/en/user-guide/oauth-custom",
		"https://docs.snowflake.com/en/user-guide/single-use-refresh-tokens",
		"https://docs.snowflake.com/en/sql-reference/sql/create-security-integration-oauth-snowflake",
		"https://docs.snowflake.com/en/user-guide/oauth-snowflake-overview",
	},
	Notes: []string{
		"An administrator creates the client with CREATE SECURITY INTEGRATION; SYSTEM$SHOW_OAUTH_CLIENT_SECRETS shows id and secret.",
		"A refresh returns an access token only, unless the integration or the login asks for single-use refresh tokens.",
		"With single use, a refresh ends all tokens before it, and a refresh token that comes a second time ends the grant.",
		"A refresh token lives 90 days (OAUTH_REFRESH_TOKEN_VALIDITY); with single use, from each refresh.",
		"The scope session:role:NAME chooses the role; ACCOUNTADMIN, ORGADMIN and SECURITYADMIN are blocked by default.",
		"A redirect address with http needs OAUTH_ALLOW_NON_TLS_REDIRECT_URI = TRUE.",
		"Each account has its own host: a token goes only to the host of its own token endpoint.",
		"No page of Snowflake names an endpoint that revokes tokens; ALTER USER … REMOVE DELEGATED AUTHORIZATION ends the grant.",
	},
	Hosts: []string{".snowflakecomputing.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://{account}.snowflakecomputing.com/oauth/authorize",
		Token:         "https://{account}.snowflakecomputing.com/oauth/token-request",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is OAUTH_CLIENT_ID, which SELECT SYSTEM$SHOW_OAUTH_CLIENT_SECRETS('INTEGRATION') shows",
	},
	Login: Login{
		Scopes:       []string{"refresh_token"},
		RefreshScope: "refresh_token",
		Redirect:     "exact",
		RedirectURI:  "http://localhost:8484/callback",
		PKCE:         "S256",
		Hint:         "the integration needs OAUTH_REDIRECT_URI = 'http://localhost:8484/callback' and OAUTH_ISSUE_REFRESH_TOKENS = TRUE",
	},
	AccessToken:  AccessToken{Lifetime: 600000000000},
	RefreshToken: RefreshToken{Rotation: "setting", ReuseRevokes: true, Absolute: 7776000000000000},
	Reply:        Reply{Harmless: []string{"username", "idpInitiated", "refresh_token_expires_in"}},
	API:          API{Base: "https://{account}.snowflakecomputing.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Snowflake no longer accepts this refresh token: it has expired, was used already (single use) or was revoked",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "this account does not know the client id, or the client secret is wrong",
			Remedy:     "show both with SYSTEM$SHOW_OAUTH_CLIENT_SECRETS, and check the part account",
		},
		Refusal{
			Code:   Texts{"unauthorized_client", "access_denied"},
			Kind:   "misconfigured",
			Cause:  "the integration is switched off, or does not allow this role, user or address",
			Remedy: "ask the account's administrator to check ENABLED, BLOCKED_ROLES_LIST and NETWORK_POLICY of the integration",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the user does not have the role that session:role names, or the integration blocks it",
			Remedy: "{login again scope} with another role",
		},
	},
}

func builtinSnowflake() *Provider {
	p := builtinSnowflakeData
	p.Unofficial = map[string]string{
		"access_token.lifetime": "the replies in Snowflake's examples; each reply has expires_in",
		"errors":                "replies as developers quote them",
	}
	p.Parts = map[string]Part{
		"account": Part{
			Hint: "the account's identifier in its address: the text before .snowflakecomputing.com, like org-account",
		},
	}
	p.Reply.Members = map[string]string{"error_description": "message"}
	return &p
}

var builtinSpotifyData = Provider{
	Name:  "spotify",
	Title: "Spotify",
	Documentation: []string{
		"https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens",
		"https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration",
		"https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow",
		"https://developer.spotify.com/documentation/web-api/concepts/redirect_uri",
	},
	Notes: []string{
		"A refresh token lives six months from the login; a refresh does not lengthen that. It is so for new apps since 18 June 2026, for all since 20 July 2026.",
		"A refresh may return a new refresh token, as after a login with PKCE; else the present one stays.",
		"An app with a secret authenticates with Basic; one without a secret logs in with PKCE.",
		"Redirect addresses on this machine need its number, 127.0.0.1: localhost is refused.",
		"No endpoint of RFC 7009 is known: the user removes the app in the Spotify account under Manage apps.",
	},
	Hosts: []string{"accounts.spotify.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://accounts.spotify.com/authorize",
		Token:         "https://accounts.spotify.com/api/token",
	},
	Client: Client{
		Auth:      "basic",
		IDPattern: "^[0-9a-f]{32}$",
		Hint:      "it is the Client ID: in the Spotify Developer Dashboard, the app, Settings",
	},
	Login: Login{
		Scopes:   []string{"user-read-private"},
		Redirect: "any_port",
		PKCE:     "S256",
		Hint:     "in the Developer Dashboard, Settings, register the redirect URI http://127.0.0.1/callback, without a port",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes", Absolute: 15724800000000000},
	API:          API{Hosts: []string{"api.spotify.com"}, Base: "https://api.spotify.com/v1/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token", "expired"},
			Kind:   "login_required",
			Cause:  "Spotify no longer accepts this refresh token: six months have passed since the login, it was replaced, or the user removed the app",
			Remedy: "{login again}; the user sees apps in the Spotify account under Manage apps",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already or has expired",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			Text:       Texts{"client secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is not this app's",
			Remedy:     "copy it again from the Developer Dashboard, Settings; and {set client_secret}",
		},
		Refusal{
			Code:   Texts{"invalid_client"},
			Kind:   "misconfigured",
			Cause:  "Spotify does not know this client id, or the app has no access to this grant",
			Remedy: "{set client_id}: the one in the Developer Dashboard, Settings",
		},
	},
}

func builtinSpotify() *Provider {
	p := builtinSpotifyData
	p.Unofficial = map[string]string{
		"errors.0.text": "the texts are from clients' logs; that the code is invalid_grant is documented",
		"errors.1":      "the texts are from clients' logs",
		"errors.2":      "the texts are from clients' logs",
		"errors.3":      "the texts are from clients' logs",
		"login.scopes":  "the scope is documented; that it is the default is freshet's choice",
	}
	return &p
}

var builtinStravaData = Provider{
	Name:  "strava",
	Title: "Strava",
	Documentation: []string{
		"https://developers.strava.com/docs/authentication/",
		"https://developers.strava.com/docs/oauth-updates/",
		"https://developers.strava.com/docs/getting-started/",
	},
	Notes: []string{
		"An access token lives six hours. Until its last hour a refresh returns the same one.",
		"A refresh may return a new refresh token; the previous one is then invalid.",
		"An athlete may refuse scopes: the redirect's parameter scope names those that were allowed.",
		"Until 1 June 2027 https://www.strava.com/oauth/deauthorize also ends the grant of the access token that it is called with.",
		"By 1 June 2027 the API moves to another host: www.api-v3.strava.com, or api-v3.strava.com as others write it.",
		"A new app works only for its owner's account until Strava raises its limits.",
	},
	Hosts: []string{"www.strava.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://www.strava.com/oauth/authorize",
		Token:         "https://www.strava.com/oauth/token",
		Revocation:    "https://www.strava.com/oauth/revoke",
	},
	Client: Client{
		Auth:      "body",
		IDPattern: "^[0-9]+$",
		Hint:      "it is the Client ID: in Strava under Settings, My API Application",
	},
	Login: Login{
		Scopes:         []string{"read"},
		ScopeSeparator: ",",
		Redirect:       "any_port",
		PKCE:           "none",
		Hint:           "localhost and 127.0.0.1 need no registration; the Authorization Callback Domain may stay as it is",
	},
	Refresh:      Refresh{NotBefore: 3600000000000},
	Revocation:   Revocation{Auth: "basic"},
	AccessToken:  AccessToken{Lifetime: 21600000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes"},
	Reply:        Reply{},
	API: API{
		Hosts: []string{"www.api-v3.strava.com", "api-v3.strava.com"},
		Base:  "https://www.strava.com/api/v3/",
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"RefreshToken"},
			Kind:   "login_required",
			Cause:  "Strava no longer accepts this refresh token: another refresh replaced it, or the athlete removed the app",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"AuthorizationCode"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already or has expired",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"Application"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Strava does not know this client id and secret",
			Remedy:     "copy both again from Settings, My API Application; and {set client_secret}",
		},
	},
}

func builtinStrava() *Provider {
	p := builtinStravaData
	p.Unofficial = map[string]string{
		"api.hosts":                     "integrators, who quote Strava's announcement of 1 June 2026",
		"endpoints.revocation_endpoint": "integrators, who quote Strava's announcement of 1 June 2026",
		"errors.0":                      "the same reply in the tests and logs of many clients",
		"errors.1":                      "the source of several clients",
		"errors.2":                      "the source of several clients",
		"login.pkce":                    "the authorization request is documented without PKCE",
		"login.scopes":                  "the scope is documented; that it is the default is freshet's choice",
		"notes.3":                       "integrators, who quote Strava's announcement of 1 June 2026",
		"notes.4":                       "integrators, who quote Strava's announcement of 1 June 2026",
		"revocation.auth":               "integrators, who quote Strava's announcement of 1 June 2026",
	}
	p.Login.Params = map[string]string{"approval_prompt": "force"}
	p.Reply.Members = map[string]string{"error": "errors.0.resource", "error_description": "errors.0.field"}
	return &p
}

var builtinStripeData = Provider{
	Name:  "stripe",
	Title: "Stripe Apps",
	Documentation: []string{
		"https://docs.stripe.com/stripe-apps/api-authentication/oauth",
		"https://docs.stripe.com/stripe-apps/reference/app-manifest",
		"https://docs.stripe.com/error-handling",
	},
	Notes: []string{
		"The client secret is the secret key of the account that made the app; it goes into the Authorization header as the user, with no password.",
		"Live mode, test mode and each sandbox have their own key and their own install link.",
		"Replies carry no expires_in: an access token lives an hour, a refresh token a year from the last refresh.",
		"The permissions are those of the app's manifest; the scope is always stripe_apps.",
		"Until the app is published, logins work with the link of its external test only.",
		"Error texts repeat the code or the refresh token that was sent.",
	},
	Hosts: []string{"marketplace.stripe.com", "api.stripe.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://marketplace.stripe.com/oauth/v2/authorize",
		Token:         "https://api.stripe.com/v1/oauth/token",
	},
	Client: Client{
		Auth:      "secret-as-user",
		IDPattern: "^ca_",
		Hint:      "it is client_id in the app's install link: in the Stripe Dashboard open the app, then External test",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "none",
		Hint:        "the manifest needs stripe_api_access_type oauth, distribution_type public and http://localhost:8484/callback in allowed_redirect_uris",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 31536000000000000, Limit: 1},
	Reply: Reply{
		Harmless: []string{"stripe_user_id", "account_id", "livemode", "stripe_publishable_key"},
	},
	API: API{Hosts: []string{".stripe.com"}, Base: "https://api.stripe.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token does not exist"},
			Kind:   "login_required",
			Cause:  "the refresh token was used before, the account uninstalled the app or authorized it again, or the key is of the other mode",
			Remedy: "check that the client secret is of the mode (live, test, sandbox) of the login; then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"has already been used"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used twice, which revokes the tokens that it returned",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authorization code does not exist"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is older than five minutes, is another app's, or the key is of the other mode",
			Remedy: "{login again}, with the secret key of the mode (live, test, sandbox) of the install link",
		},
		Refusal{
			Code:       Texts{"invalid_request_error"},
			Text:       Texts{"invalid api key", "expired api key"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Stripe does not know the secret key that was sent as the client secret, or it was rolled and has expired",
			Remedy:     "copy it again from the Stripe Dashboard: Developers, API keys; and {set client_secret}",
		},
		Refusal{
			Code:   Texts{"invalid_request_error"},
			Text:   Texts{"did not provide an api key"},
			Kind:   "misconfigured",
			Cause:  "the request carried no secret key",
			Remedy: "{set client_secret auth=secret-as-user}: the secret key of the account that made the app",
		},
	},
}

func builtinStripe() *Provider {
	p := builtinStripeData
	p.Unofficial = map[string]string{
		"api.hosts":           "the documented host of the API, widened to all of stripe.com",
		"errors.0":            "issues and tests of several clients; the meaning is documented with Stripe's libraries",
		"errors.1":            "the source of several clients",
		"errors.2":            "Stripe's documentation of Connect, which has the same text",
		"errors.3":            "the answer of the rest of Stripe's API",
		"errors.4":            "the answer of the rest of Stripe's API",
		"login.pkce":          "the install link is documented without PKCE",
		"login.redirect":      "the manifest's redirect URIs are compared exactly; that a test link takes one on localhost is from integrators",
		"refresh_token.limit": "integrators: a second login for the same Stripe account ends the tokens of the first",
		"reply.members":       "the shape of the errors of the rest of Stripe's API, which answers here if the key is not accepted",
	}
	p.Reply.Members = map[string]string{"error": "error.type", "error_description": "error.message"}
	return &p
}

var builtinStripeConnectData = Provider{
	Name:  "stripe-connect",
	Title: "Stripe Connect",
	Documentation: []string{
		"https://docs.stripe.com/connect/oauth-reference",
		"https://docs.stripe.com/connect/oauth-standard-accounts",
		"https://stripe.dev/stripe-java/com/stripe/exception/oauth/package-summary.html",
	},
	Notes: []string{
		"Access tokens do not expire; the refresh token is for an access token of the other mode, or to replace one that leaked.",
		"Stripe advises to keep stripe_user_id only, and to call the API with the platform's own key and the header Stripe-Account.",
		"The client secret is the platform's secret key; it goes into the Authorization header as the user, with no password.",
		"Live and test mode have their own key and their own client id.",
		"A connection is ended with https://connect.stripe.com/oauth/deauthorize, which takes client_id and stripe_user_id and no token.",
		"Error texts repeat the code or the refresh token that was sent.",
	},
	Hosts: []string{"connect.stripe.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://connect.stripe.com/oauth/authorize",
		Token:         "https://connect.stripe.com/oauth/token",
	},
	Client: Client{
		Auth:      "secret-as-user",
		IDPattern: "^ca_",
		Hint:      "it is in the Stripe Dashboard: Settings, Connect, Onboarding options, OAuth; live and test mode have one each",
	},
	Login: Login{
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "none",
		Hint:        "under Settings, Connect, Onboarding options, OAuth has to be on, with the redirect URI http://localhost:8484/callback (live mode: an https one)",
	},
	AccessToken:  AccessToken{PermanentWithoutExpiresIn: true},
	RefreshToken: RefreshToken{Rotation: "never"},
	Reply:        Reply{Harmless: []string{"stripe_user_id", "livemode", "stripe_publishable_key"}},
	API:          API{Hosts: []string{".stripe.com"}, Base: "https://api.stripe.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"refresh token does not exist"},
			Kind:   "login_required",
			Cause:  "the account disconnected, the refresh token is another platform's, or the key is of the other mode",
			Remedy: "check that the client secret is of the mode (live or test) of the login; then {login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"has already been used"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used twice, which revokes the tokens that it returned",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Text:   Texts{"authorization code does not exist"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already, has expired, is another platform's, or the key is of the other mode",
			Remedy: "{login again}, with the secret key and the client id of the same mode (live or test)",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "the account disconnected, the token is another platform's, or the key is of the other mode (live or test)",
			Remedy: "check that the client secret is of the mode of the login; then {login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Stripe does not accept the secret key that was sent as the client secret, or it is not the key of this client id",
			Remedy:     "copy it again from the Stripe Dashboard: Developers, API keys, in the mode (live or test) of the client id; and {set client_secret}",
		},
		Refusal{
			Code:       Texts{"invalid_request_error"},
			Text:       Texts{"invalid api key", "expired api key"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Stripe does not know the secret key that was sent as the client secret, or it was rolled and has expired",
			Remedy:     "copy it again from the Stripe Dashboard: Developers, API keys; and {set client_secret}",
		},
		Refusal{
			Code:   Texts{"invalid_request_error"},
			Text:   Texts{"did not provide an api key"},
			Kind:   "misconfigured",
			Cause:  "the request carried no secret key",
			Remedy: "{set client_secret auth=secret-as-user}: the platform's secret key",
		},
	},
}

func builtinStripeConnect() *Provider {
	p := builtinStripeConnectData
	p.Unofficial = map[string]string{
		"api.hosts":              "the documented host of the API, widened to all of stripe.com",
		"errors.0":               "issues of several clients; the meaning is documented with Stripe's libraries",
		"errors.1":               "the source of several clients",
		"errors.5":               "the answer of the rest of Stripe's API",
		"errors.6":               "the answer of the rest of Stripe's API",
		"login.pkce":             "the authorization request is documented without PKCE",
		"refresh_token.rotation": "the reference does not say whether the refresh token stays the same",
		"reply.members":          "the shape of the errors of the rest of Stripe's API, which answers here if the key is not accepted",
	}
	p.Reply.Members = map[string]string{"error": "error.type", "error_description": "error.message"}
	return &p
}

var builtinTwitchData = Provider{
	Name:  "twitch",
	Title: "Twitch",
	Documentation: []string{
		"https://dev.twitch.tv/docs/authentication/refresh-tokens/",
		"https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/",
		"https://dev.twitch.tv/docs/authentication/validate-tokens/",
		"https://dev.twitch.tv/docs/authentication/revoke-tokens/",
	},
	Notes: []string{
		"Twitch says that a refresh may return another refresh token; the one in the last reply counts.",
		"A public client has no secret; its refresh token works once, and expires when it is not used for 30 days.",
		"A change of the user's password and a disconnected app end the grant at once.",
		"Every call of the API also needs the header Client-Id with the client id.",
		"A program that keeps a login must call https://id.twitch.tv/oauth2/validate each hour.",
		"Twitch revokes access tokens only; the user ends the grant under Settings, Connections.",
		"A token by client credentials has no refresh token; another one is requested instead.",
	},
	Hosts:  []string{"id.twitch.tv"},
	Issuer: "https://id.twitch.tv/oauth2",
	Endpoints: oauth.Endpoints{
		Authorization: "/authorize",
		Token:         "/token",
		Userinfo:      "/userinfo",
		JWKS:          "/keys",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Client ID: at dev.twitch.tv/console under Applications, the app, Manage",
	},
	Login: Login{
		Scopes:      []string{"openid"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "none",
		Hint:        "add http://localhost:8484/callback to the OAuth Redirect URLs of the app",
	},
	AccessToken:  AccessToken{Lifetime: 14400000000000},
	RefreshToken: RefreshToken{Rotation: "sometimes", Idle: 2592000000000000},
	API:          API{Hosts: []string{"api.twitch.tv"}, Base: "https://api.twitch.tv/"},
	Errors: []Refusal{
		Refusal{
			Text:   Texts{"invalid refresh token"},
			Kind:   "login_required",
			Cause:  "Twitch no longer accepts this refresh token: the user disconnected the app or changed the password, or it was spent",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Text:   Texts{"invalid authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is wrong, has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Text:       Texts{"invalid client secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong: a new one replaces the old one at once",
			Remedy:     "copy it from dev.twitch.tv/console, Applications, the app; and {set client_secret}",
		},
		Refusal{
			Text:   Texts{"invalid client"},
			Kind:   "misconfigured",
			Cause:  "Twitch does not know the client id",
			Remedy: "check it at dev.twitch.tv/console under Applications, the app",
		},
		Refusal{
			Text:   Texts{"missing client secret", "client secret missing"},
			Kind:   "misconfigured",
			Cause:  "the app is a confidential client, and no client secret was sent",
			Remedy: "{set client_secret}; or make the app's Client Type public",
		},
		Refusal{
			Text:   Texts{"parameter redirect_uri does not match", "redirect_mismatch"},
			Kind:   "misconfigured",
			Cause:  "the redirect address is not one of the app's",
			Remedy: "add it at dev.twitch.tv/console, the app, OAuth Redirect URLs, letter for letter",
		},
	},
}

func builtinTwitch() *Provider {
	p := builtinTwitchData
	p.Unofficial = map[string]string{
		"access_token.lifetime": "the replies in Twitch's examples; each reply has expires_in",
		"errors":                "replies as developers quote them; Twitch's page has the first",
		"login.pkce":            "the authorization request is documented without PKCE",
		"refresh_token.idle":    "Twitch's page states it for public clients only; for others no page states a limit",
	}
	return &p
}

var builtinWithingsData = Provider{
	Name:  "withings",
	Title: "Withings",
	Documentation: []string{
		"https://developer.withings.com/developer-guide/v3/integration-guide/public-health-data-api/get-access/access-and-refresh-tokens-no-recover",
		"https://developer.withings.com/developer-guide/v3/integration-guide/bulkship-sdk/get-access/access-and-refresh-tokens",
		"https://developer.withings.com/api-reference/",
	},
	Notes: []string{
		"A refresh returns a new refresh token; the previous one works until the new access token is used, and for eight hours at most.",
		"Every reply has status 200: the member status is 0, or the number of an error.",
		"An API refuses an access token with status 200 and 401 in the member status.",
		"No endpoint of RFC 7009 is known: the user removes the app in the Withings account.",
	},
	Hosts: []string{"account.withings.com", "wbsapi.withings.net"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://account.withings.com/oauth2_user/authorize2",
		Token:         "https://wbsapi.withings.net/v2/oauth2",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the ClientId: in the Withings developer dashboard, the application",
	},
	Login: Login{
		Scopes:         []string{"user.info", "user.metrics"},
		ScopeSeparator: ",",
		Redirect:       "https",
		PKCE:           "none",
		Hint:           "in the developer dashboard the application needs your page as its callback URL",
	},
	Exchange:     Exchange{},
	Refresh:      Refresh{},
	AccessToken:  AccessToken{Lifetime: 10800000000000},
	RefreshToken: RefreshToken{Rotation: "always", Grace: 28800000000000, Idle: 31536000000000000},
	Reply:        Reply{Harmless: []string{"userid"}},
	API: API{
		Base:       "https://wbsapi.withings.net/",
		Rejections: []Rejection{Rejection{Status: 200, Text: "\"status\":401,"}},
		Scheme:     "Bearer",
	},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"503"},
			Text:   Texts{"invalid refresh_token"},
			Kind:   "login_required",
			Cause:  "Withings no longer accepts this refresh token: it was replaced, is a year old, or the user removed the app",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"503"},
			Text:   Texts{"invalid code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used already or is older than 30 seconds",
			Remedy: "{login again} and do not pause between the consent and the end of the login",
		},
		Refusal{
			Code:       Texts{"503"},
			Text:       Texts{"invalid client_id", "invalid client_secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "Withings does not know this client id and secret",
			Remedy:     "copy both again from the developer dashboard; and {set client_secret auth=body}",
		},
		Refusal{
			Code:   Texts{"401"},
			Kind:   "login_required",
			Cause:  "Withings no longer knows this grant: the user removed the app",
			Remedy: "{login again}",
		},
		Refusal{
			Code:   Texts{"601"},
			Kind:   "temporary",
			Cause:  "Withings' rate limit was reached",
			Remedy: "try again later",
			Wait:   60000000000,
		},
	},
}

func builtinWithings() *Provider {
	p := builtinWithingsData
	p.Unofficial = map[string]string{
		"api.rejections":                   "the source of several clients",
		"endpoints.authorization_endpoint": "the source of many clients, Home Assistant's among them",
		"errors.0":                         "the same reply in the tests and logs of many clients",
		"errors.1":                         "the source of several clients",
		"errors.2":                         "the source of several clients",
		"errors.3":                         "the source of several clients",
		"errors.4":                         "the source of several clients",
		"login.pkce":                       "integrators: the authorization request has no PKCE",
		"login.redirect":                   "integrators: the callback URL is an https address",
		"login.scopes":                     "both are documented; that they are the default is freshet's choice",
	}
	p.Exchange.Params = map[string]string{"action": "requesttoken"}
	p.Refresh.Params = map[string]string{"action": "requesttoken"}
	p.Reply.Members = map[string]string{
		"access_token":      "body.access_token",
		"error":             "status",
		"error_description": "error",
		"expires_in":        "body.expires_in",
		"refresh_token":     "body.refresh_token",
		"scope":             "body.scope",
		"token_type":        "body.token_type",
	}
	return &p
}

var builtinXData = Provider{
	Name:  "x",
	Title: "X",
	Documentation: []string{
		"https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
		"https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token",
		"https://docs.x.com/fundamentals/authentication/faq",
	},
	Notes: []string{
		"A login returns a refresh token only with the scope offline.access.",
		"A refresh token works once; the answer to a refresh has the next one.",
		"An app with a secret (web app, automated app or bot) authenticates with Basic; an app without one (native, single page) sends its client id.",
		"The client id is OAuth 2.0's: the API key of OAuth 1.0a is another value.",
		"The login's code is valid for 30 seconds.",
	},
	Hosts: []string{"x.com", "api.x.com", "twitter.com", "api.twitter.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://x.com/i/oauth2/authorize",
		Token:         "https://api.x.com/2/oauth2/token",
		Revocation:    "https://api.x.com/2/oauth2/revoke",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is in the X Developer Console: the app, Keys and tokens, OAuth 2.0 Client ID (not the API key above it)",
	},
	Login: Login{
		Scopes:       []string{"tweet.read", "users.read", "offline.access"},
		RefreshScope: "offline.access",
		Redirect:     "exact",
		RedirectURI:  "http://127.0.0.1:8484/callback",
		PKCE:         "S256",
		PKCERequired: true,
		Hint:         "under User authentication settings the app needs OAuth 2.0 and the callback URL http://127.0.0.1:8484/callback; as a Native App it has no secret",
	},
	AccessToken:  AccessToken{Lifetime: 7200000000000},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 15552000000000000},
	API:          API{Hosts: []string{".x.com", ".twitter.com"}, Base: "https://api.x.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_request", "invalid_grant"},
			Text:   Texts{"value passed for the token was invalid"},
			Kind:   "login_required",
			Cause:  "the refresh token was used before, has expired, or the user disconnected the app",
			Remedy: "{login again}; if the error returns, look for a second program that refreshes the same grant",
		},
		Refusal{
			Text:   Texts{"value passed for the authorization code was invalid"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is older than 30 seconds, was used already, or does not belong to this login",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"value passed for the redirect uri did not match"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the callback URL is not that of the authorization request",
			Remedy: "in the Developer Console, under User authentication settings, add the callback URL exactly as it is used, with 127.0.0.1",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Text:   Texts{"missing valid authorization header"},
			Kind:   "misconfigured",
			Cause:  "the app has a client secret, and the request did not carry it in the Authorization header",
			Remedy: "{set client_secret auth=basic}; or make the app a Native App under User authentication settings",
		},
		Refusal{
			Code:   Texts{"invalid_request"},
			Text:   Texts{"missing required parameter [client_id]"},
			Kind:   "misconfigured",
			Cause:  "the client id was not in the body, where X looks for it even if the Authorization header has it",
			Remedy: "{set code_param.client_id refresh_param.client_id}, too; an app without a secret leaves the client secret out",
		},
	},
}

func builtinX() *Provider {
	p := builtinXData
	p.Unofficial = map[string]string{
		"api.hosts":              "the documented host of the API, widened to all of x.com and twitter.com",
		"errors.0":               "the same text in the tests and logs of many clients",
		"errors.1":               "the same text in the tests of many clients; the 30 seconds are documented",
		"errors.2":               "guides of several clients",
		"errors.3":               "integrators",
		"errors.4":               "issues of several clients (better-auth/better-auth#3481); the documentation asks it of apps without a secret only",
		"login.redirect_uri":     "integrators: X refuses callback URLs on localhost and takes those on 127.0.0.1",
		"login.scopes":           "all are documented; that these are the default is freshet's choice",
		"refresh_token.idle":     "six months, reported by integrators",
		"refresh_token.rotation": "the documentation does not say it; every client sees a new one",
	}
	return &p
}

var builtinXeroData = Provider{
	Name:  "xero",
	Title: "Xero",
	Documentation: []string{
		"https://developer.xero.com/documentation/guides/oauth2/auth-flow",
		"https://developer.xero.com/documentation/guides/oauth2/pkce-flow",
		"https://developer.xero.com/documentation/guides/oauth2/troubleshooting",
		"https://developer.xero.com/faq/oauth2",
		"https://developer.xero.com/faq/granular-scopes",
	},
	Notes: []string{
		"If the reply to a refresh is lost, the previous refresh token is accepted for another 30 minutes.",
		"A token is for the organisations that the user chose; https://api.xero.com/connections lists them.",
		"Every call of an API names its organisation in the header xero-tenant-id.",
		"Apps made since 2 March 2026 have granular scopes only; in September 2027 accounting.transactions and accounting.reports.read end for all.",
		"An app of the type \"Auth Code with PKCE\" has no client secret, one of the type \"Web app\" has one.",
	},
	Hosts:  []string{"login.xero.com", "identity.xero.com"},
	Issuer: "https://identity.xero.com",
	Endpoints: oauth.Endpoints{
		Authorization: "https://login.xero.com/identity/connect/authorize",
		Token:         "https://identity.xero.com/connect/token",
		Revocation:    "https://identity.xero.com/connect/revocation",
		Userinfo:      "https://identity.xero.com/connect/userinfo",
		JWKS:          "https://identity.xero.com/.well-known/openid-configuration/jwks",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is the Client id: at developer.xero.com under My Apps, the app, Configuration",
	},
	Login: Login{
		Scopes:       []string{"openid", "profile", "email", "offline_access"},
		RefreshScope: "offline_access",
		Redirect:     "exact",
		RedirectURI:  "http://localhost:8484/callback",
		PKCE:         "S256",
		Hint:         "add the redirect URI http://localhost:8484/callback under Configuration, and name the scopes that you need",
	},
	AccessToken:  AccessToken{Lifetime: 1800000000000},
	RefreshToken: RefreshToken{Rotation: "always", Grace: 1800000000000, Idle: 5184000000000000},
	API:          API{Hosts: []string{"api.xero.com"}, Base: "https://api.xero.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Xero no longer accepts this refresh token: unused for 60 days, replaced over 30 minutes ago, or disconnected",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is wrong, has expired or was used already",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client id or the client secret is wrong",
			Remedy:     "check both at developer.xero.com under My Apps, the app, Configuration",
		},
		Refusal{
			Code:   Texts{"unauthorized_client", "invalid_scope"},
			Text:   Texts{"invalid scope"},
			Kind:   "misconfigured",
			Cause:  "the app may not have a scope that was requested: apps made since 2 March 2026 have granular scopes only",
			Remedy: "{login again scope}: the granular ones, such as accounting.invoices instead of accounting.transactions",
		},
		Refusal{
			Code:   Texts{"unauthorized_client"},
			Kind:   "misconfigured",
			Cause:  "the app's type does not allow this: a \"Web app\" needs its secret, an app \"with PKCE\" has none",
			Remedy: "check the app's type and the client secret",
		},
	},
}

func builtinXero() *Provider {
	p := builtinXeroData
	p.Unofficial = map[string]string{
		"endpoints.jwks_uri":          "Xero's discovery document, not a page",
		"endpoints.userinfo_endpoint": "Xero's discovery document, not a page",
		"errors.3":                    "issues of several clients (osodevops/xero-cli)",
		"errors.4":                    "questions in Xero's developer community",
	}
	return &p
}

var builtinZendeskData = Provider{
	Name:  "zendesk",
	Title: "Zendesk",
	Documentation: []string{
		"https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token",
		"https://support.zendesk.com/hc/en-us/articles/9182123625370-Announcing-support-for-OAuth-refresh-token-grant-type-and-OAuth-access-and-refresh-token-expirations",
		"https://developer.zendesk.com/rest_api/docs/support/grant_type_tokens",
		"https://developer.zendesk.com/documentation/authentication/",
	},
	Notes: []string{
		"A refresh returns a new pair, and deletes the access token and the refresh token before.",
		"A client made before 30 April 2026 gets a refresh token only if it asks for an expiry; so each request has expires_in.",
		"Without an expiry an access token never expires. From 1 April 2027 all clients must have one.",
		"A refresh token lives 30 days from the last refresh. The parameter refresh_token_expires_in asks for 7 to 90 days.",
		"Access tokens live 5 minutes to two days, as the parameter expires_in says; both parameters are in seconds.",
		"Each account has its own host: a token goes only to the host of its own token endpoint.",
		"A client belongs to one account; only a global client, which Zendesk grants, is for several.",
		"Zendesk revokes a token by DELETE /api/v2/oauth/tokens/current, not by a form; so freshet cannot.",
	},
	Hosts: []string{".zendesk.com"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://{subdomain}.zendesk.com/oauth/authorizations/new",
		Token:         "https://{subdomain}.zendesk.com/oauth/tokens",
	},
	Client: Client{
		Auth: "body",
		Hint: "it is the Identifier: in the Admin Center under Apps and integrations, APIs, OAuth clients, the client",
	},
	Login: Login{
		Scopes:      []string{"read"},
		Redirect:    "exact",
		RedirectURI: "http://localhost:8484/callback",
		PKCE:        "S256",
		Hint:        "add the redirect URL http://localhost:8484/callback to the client; http is allowed on localhost only",
	},
	Exchange:     Exchange{},
	Refresh:      Refresh{},
	AccessToken:  AccessToken{Lifetime: 1800000000000, PermanentWithoutExpiresIn: true, EndedByRefresh: true},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 2592000000000000},
	API:          API{Base: "https://{subdomain}.zendesk.com/"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_grant"},
			Kind:   "login_required",
			Cause:  "Zendesk no longer accepts this refresh token: it was used already, has expired or was deleted",
			Remedy: "{login again}; if another program shares this grant, let only one of them refresh it",
		},
		Refusal{
			Code:   Texts{"invalid_grant"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code has expired or was used already, or its PKCE verifier does not match",
			Remedy: "{login again}",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "this account does not know the client, or the client secret is wrong",
			Remedy:     "check both and the part subdomain in the Admin Center under Apps and integrations, APIs, OAuth clients",
		},
		Refusal{
			Code:   Texts{"invalid_scope"},
			Kind:   "misconfigured",
			Cause:  "the client may not ask for one of the scopes",
			Remedy: "allow it in the Admin Center, OAuth clients, the client, Allowed scopes",
		},
		Refusal{
			Status: 404,
			Kind:   "misconfigured",
			Cause:  "there is no Zendesk account with this subdomain",
			Remedy: "check the part subdomain",
		},
	},
}

func builtinZendesk() *Provider {
	p := builtinZendeskData
	p.Unofficial = map[string]string{"errors": "the codes are those of RFC 6749"}
	p.Parts = map[string]Part{
		"subdomain": Part{Hint: "the account's subdomain: the text before .zendesk.com"},
	}
	p.Exchange.Params = map[string]string{"expires_in": "1800"}
	p.Refresh.Params = map[string]string{"expires_in": "1800"}
	return &p
}

var builtinZohoData = Provider{
	Name:  "zoho",
	Title: "Zoho",
	Documentation: []string{
		"https://www.zoho.com/accounts/protocol/oauth/web-apps/authorization.html",
		"https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html",
		"https://www.zoho.com/accounts/protocol/oauth/multi-dc.html",
		"https://www.zoho.com/crm/developer/docs/api/v8/access-refresh.html",
		"https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html",
		"https://www.zoho.com/workdrive/developer/docs/api/v1/getting-started-multi-dc-support.html",
		"https://www.zoho.com/pdfeditor/help/api/oauth-step4.html",
		"https://www.zoho.com/projects/help/rest-api/faq/oauth.html",
	},
	Notes: []string{
		"An account lives in one data centre; its tokens come from that centre's accounts host and are valid for that centre's APIs only.",
		"After the consent Zoho names the account's own host in the address of the redirect, as accounts-server; the login continues there.",
		"A refresh returns no refresh token; the first one stays valid and does not expire.",
		"A user has at most 20 refresh tokens; one more ends the oldest.",
		"A refresh token makes at most 10 access tokens in 10 minutes, then none until the 10 minutes are over.",
		"At most 30 access tokens of a refresh token live at once; one more ends the oldest.",
		"Errors come with status 200 and a single member, error; only too many requests come with 400.",
		"APIs take the token as Authorization: Zoho-oauthtoken TOKEN.",
	},
	Hosts: []string{
		"accounts.zoho.com",
		"accounts.zoho.eu",
		"accounts.zoho.in",
		"accounts.zoho.com.au",
		"accounts.zoho.jp",
		"accounts.zohocloud.ca",
		"accounts.zoho.sa",
		"accounts.zoho.uk",
		"accounts.zoho.com.cn",
		"accounts.zoho.ae",
	},
	Endpoints: oauth.Endpoints{
		Authorization: "https://{host}/oauth/v2/auth",
		Token:         "https://{host}/oauth/v2/token",
		Revocation:    "https://{host}/oauth/v2/token/revoke",
	},
	Client: Client{
		Auth:      "body",
		IDPattern: "^1000\\.",
		Hint:      "it is in the API console (api-console.zoho.com): the client, Client Secret",
	},
	Login: Login{
		Scopes:         []string{"AaaServer.profile.READ"},
		ScopeSeparator: ",",
		Redirect:       "exact",
		RedirectURI:    "http://localhost:8484/callback",
		PKCE:           "none",
		Hint:           "the client must be a server-based application with the redirect URI http://localhost:8484/callback; other data centres are switched on under Multi-DC",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "never", Limit: 20},
	Reply:        Reply{Harmless: []string{"api_domain"}},
	API:          API{Scheme: "Zoho-oauthtoken"},
	Errors: []Refusal{
		Refusal{
			Code:   Texts{"invalid_code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is older than two minutes, was used already, or was sent to another data centre than the account's",
			Remedy: "{login again}; with an address pasted, paste all of it: accounts-server in it names the account's own host",
		},
		Refusal{
			Code:   Texts{"invalid_code"},
			Kind:   "login_required",
			Cause:  "Zoho does not accept the refresh token: it was revoked, pushed out by 20 newer ones, or is another data centre's",
			Remedy: "check the accounts host first, then {login again}; the user sees and removes apps under Sessions, Connected Apps",
		},
		Refusal{
			Code:       Texts{"invalid_client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "this data centre does not know the client: the id or the secret is wrong, or the client was made in another centre",
			Remedy:     "use the accounts host where the client was made, or switch this centre on in the API console: the client, Settings, Multi-DC",
		},
		Refusal{
			Code:       Texts{"invalid_client_secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is wrong: with Multi-DC each data centre has its own",
			Remedy:     "copy this data centre's secret from the API console: the client, Settings; and {set client_secret}",
		},
		Refusal{
			Code:   Texts{"invalid_redirect_uri", "redirect_uri_mismatch"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the redirect address is not one of the client's",
			Remedy: "add it in the API console: the client, Client Details, Authorized Redirect URIs",
		},
		Refusal{
			Code:   Texts{"Access Denied"},
			Text:   Texts{"too many requests"},
			Kind:   "temporary",
			Cause:  "more than 10 access tokens were asked for in 10 minutes with this refresh token",
			Remedy: "wait ten minutes; let one program refresh and the others read what it saved",
			Wait:   600000000000,
		},
		Refusal{
			Code:   Texts{"Access Denied"},
			Kind:   "temporary",
			Cause:  "a limit of Zoho's was reached: access tokens in 10 minutes, or refresh tokens in a minute",
			Remedy: "wait ten minutes; if logins are refused too, revoke unused refresh tokens",
			Wait:   600000000000,
		},
	},
}

func builtinZoho() *Provider {
	p := builtinZohoData
	p.Unofficial = map[string]string{
		"errors.3":            "integrators; that each data centre has a secret of its own is documented",
		"errors.4":            "integrators",
		"errors.5":            "the same text in the logs of many clients; the limit is documented",
		"errors.6":            "Zoho's documentation of Zoho Projects for the words; that it passes is from integrators",
		"login.pkce":          "the authorization request is documented without PKCE",
		"login.scopes":        "the scope is documented; that it is the default is freshet's choice",
		"parts.host.clouds.7": "integrators",
	}
	p.Parts = map[string]Part{
		"host": Part{
			Default: "accounts.zoho.com",
			Values: []string{
				"accounts.zoho.com",
				"accounts.zoho.eu",
				"accounts.zoho.in",
				"accounts.zoho.com.au",
				"accounts.zoho.jp",
				"accounts.zohocloud.ca",
				"accounts.zoho.sa",
				"accounts.zoho.uk",
				"accounts.zoho.com.cn",
				"accounts.zoho.ae",
			},
			Hint:     "the accounts host of the data centre where the account lives: see which domain its Zoho pages have",
			Redirect: "accounts-server",
			Clouds: []Cloud{
				Cloud{
					Values: []string{"accounts.zoho.com"},
					Hosts:  []string{".zohoapis.com", ".zoho.com"},
				},
				Cloud{
					Values: []string{"accounts.zoho.eu"},
					Hosts:  []string{".zohoapis.eu", ".zoho.eu"},
				},
				Cloud{
					Values: []string{"accounts.zoho.in"},
					Hosts:  []string{".zohoapis.in", ".zoho.in"},
				},
				Cloud{
					Values: []string{"accounts.zoho.com.au"},
					Hosts:  []string{".zohoapis.com.au", ".zoho.com.au"},
				},
				Cloud{
					Values: []string{"accounts.zoho.jp"},
					Hosts:  []string{".zohoapis.jp", ".zoho.jp"},
				},
				Cloud{
					Values: []string{"accounts.zohocloud.ca"},
					Hosts:  []string{".zohoapis.ca", ".zohocloud.ca"},
				},
				Cloud{
					Values: []string{"accounts.zoho.sa"},
					Hosts:  []string{".zohoapis.sa", ".zoho.sa"},
				},
				Cloud{
					Values: []string{"accounts.zoho.uk"},
					Hosts:  []string{".zohoapis.uk", ".zoho.uk"},
				},
				Cloud{
					Values: []string{"accounts.zoho.com.cn"},
					Hosts:  []string{".zohoapis.com.cn", ".zoho.com.cn"},
				},
				Cloud{
					Values: []string{"accounts.zoho.ae"},
					Hosts:  []string{".zohoapis.ae", ".zoho.ae"},
				},
			},
		},
	}
	p.Login.Params = map[string]string{"access_type": "offline", "prompt": "consent"}
	return &p
}

var builtinZoomData = Provider{
	Name:  "zoom",
	Title: "Zoom",
	Documentation: []string{
		"https://developers.zoom.us/docs/integrations/oauth/",
		"https://developers.zoom.us/docs/integrations/oauth-error-messages/",
		"https://developers.zoom.us/docs/integrations/PKCE/",
		"https://developers.zoom.us/changelog/platform/pkce-loopback/",
		"https://developers.zoom.us/blog/device-authorization/",
	},
	Notes: []string{
		"A refresh ends the refresh token that it used: each works once.",
		"A second login of the same user with the same app ends the tokens of the first.",
		"A login with PKCE and without a secret uses the app's public client id, which App Credentials has under Use Public Client OAuth.",
		"Server-to-server apps and chatbots have no refresh token; they ask for a new access token instead.",
		"Zoom's documentation numbers the errors from 4700 to 4741; the token endpoint sends the message alone, as reason.",
		"The device login has to be enabled for the app by Zoom's support.",
	},
	Hosts: []string{"zoom.us"},
	Endpoints: oauth.Endpoints{
		Authorization: "https://zoom.us/oauth/authorize",
		Token:         "https://zoom.us/oauth/token",
		Device:        "https://zoom.us/oauth/devicecode",
		Revocation:    "https://zoom.us/oauth/revoke",
	},
	Client: Client{
		Auth: "basic",
		Hint: "it is in the Zoom App Marketplace: Manage, the app, App Credentials; without a secret it is the one under Use Public Client OAuth",
	},
	Login: Login{
		Redirect: "any_port",
		PKCE:     "S256",
		Hint:     "the app needs the redirect URL http://127.0.0.1/callback; the port is free only for the public client id (Use Public Client OAuth) and native apps",
	},
	AccessToken:  AccessToken{Lifetime: 3600000000000},
	RefreshToken: RefreshToken{Rotation: "always", Idle: 7776000000000000, Limit: 1},
	Reply:        Reply{Harmless: []string{"api_url"}},
	API:          API{Hosts: []string{".zoom.us"}, Base: "https://api.zoom.us/"},
	Errors: []Refusal{
		Refusal{
			Text:   Texts{"token has been revoked"},
			Kind:   "login_required",
			Cause:  "the user authorized the app again, which ends the tokens of the earlier login (4741)",
			Remedy: "use the tokens of the latest login, or {login again}; give each installation its own app or its own user",
		},
		Refusal{
			Text:   Texts{"owner of the token does not exist"},
			Kind:   "login_required",
			Cause:  "the user of this grant was removed from the Zoom account (4735)",
			Remedy: "log in as a user who is still in the account",
		},
		Refusal{
			Text:   Texts{"can not find the authentication"},
			Kind:   "login_required",
			Cause:  "Zoom no longer keeps this grant (4737)",
			Remedy: "{login again}",
		},
		Refusal{
			Text:   Texts{"token is disabled by admin"},
			Kind:   "misconfigured",
			Cause:  "an administrator took back the approval of this app for the account (4738)",
			Remedy: "an administrator approves the app in the Zoom App Marketplace: Manage, Permissions; then {login again} if it still fails",
		},
		Refusal{
			Text:   Texts{"token tolerance range"},
			Kind:   "login_required",
			Cause:  "the refresh token was used more often than Zoom tolerates (4740)",
			Remedy: "{login again}, and let only one program refresh this grant",
		},
		Refusal{
			Text:   Texts{"refresh token invalid"},
			Kind:   "login_required",
			Cause:  "the token's scopes are no longer the app's: they were changed after the login (4711)",
			Remedy: "{login again}, so that the user agrees to the app's present scopes",
		},
		Refusal{
			Text:   Texts{"app has been disabled"},
			Kind:   "misconfigured",
			Cause:  "Zoom has disabled the app (4717)",
			Remedy: "ask Zoom's support to enable it",
		},
		Refusal{
			Text:       Texts{"invalid client secret"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "the client secret is not this app's, or belongs to its other environment (4702, 4704)",
			Remedy:     "copy the client secret from the Zoom App Marketplace: development and production have one each; and {set client_secret}",
		},
		Refusal{
			Text:   Texts{"client id does not match"},
			Kind:   "misconfigured",
			Cause:  "the token was issued to another client id (4702, 4704)",
			Remedy: "{set client_id}: the one of the login; development and production have one each",
		},
		Refusal{
			Text:   Texts{"client id or client secret is missing"},
			Kind:   "misconfigured",
			Cause:  "the request named no client (4706)",
			Remedy: "{set client_id client_secret auth=basic}",
		},
		Refusal{
			Text:   Texts{"redirect uri mismatch"},
			Login:  true,
			Kind:   "misconfigured",
			Cause:  "the redirect address is not one of the app's (4709)",
			Remedy: "add it in the Zoom App Marketplace under OAuth Redirect URL and OAuth Allow Lists",
		},
		Refusal{
			Text:   Texts{"code is expired"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code is older than five minutes (4733)",
			Remedy: "{login again} and finish without a pause",
		},
		Refusal{
			Text:   Texts{"invalid authorization code"},
			Login:  true,
			Kind:   "login_required",
			Cause:  "the login's code was used before or is not Zoom's (4734)",
			Remedy: "{login again}",
		},
		Refusal{
			Text:       Texts{"invalid client"},
			WithSecret: true,
			Kind:       "misconfigured",
			Cause:      "no app has this client id, or the client secret is another app's (4702, 4704)",
			Remedy:     "copy both again from the Zoom App Marketplace: Manage, the app, App Credentials",
		},
		Refusal{
			Text:   Texts{"creating authorization code error"},
			Login:  true,
			Kind:   "temporary",
			Cause:  "a part of Zoom was down when the code was made (4732)",
			Remedy: "{login again} in a few minutes",
		},
		Refusal{
			Code:   Texts{"invalid_grant", "invalid_request"},
			Text:   Texts{"invalid token"},
			Kind:   "login_required",
			Cause:  "the refresh token was used before, has expired or was revoked",
			Remedy: "{login again}; if the error returns, look for a second program that refreshes the same grant",
		},
	},
}

func builtinZoom() *Provider {
	p := builtinZoomData
	p.Unofficial = map[string]string{
		"api.hosts":           "the documented hosts of the API, widened to all of zoom.us",
		"errors.15":           "issues of several clients (raycast/extensions#10896); invalid_request is the older of the two codes",
		"login.redirect":      "Zoom documents free ports for the public client id and for native apps only",
		"refresh_token.idle":  "integrators' reports; Zoom's pages do not agree about it",
		"refresh_token.limit": "the text of error 4741; no page says it otherwise",
		"reply.members":       "replies quoted in issues of several clients",
	}
	p.Reply.Members = map[string]string{"error_description": "reason"}
	return &p
}
