// An authorization server of npm's oidc-provider, on a free port of the loopback interface. It prints its
// issuer as the first line, and ends with its standard input. CLIENT_SECRET is the secret of both clients.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const listening = http.createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${listening.address().port}`;
  const client = (id, auth) => ({
    client_id: id,
    client_secret: process.env.CLIENT_SECRET,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'jobs.read jobs.write',
    token_endpoint_auth_method: auth,
  });
  const provider = new Provider(issuer, {
    clients: [client('basic', 'client_secret_basic'), client('body', 'client_secret_post')],
    scopes: ['openid', 'jobs.read', 'jobs.write', 'admin'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
    ttl: { ClientCredentials: 600 },
  });
  let issued = 0;
  provider.on('client_credentials.saved', () => { issued += 1; });
  const callback = provider.callback();
  listening.on('request', (request, response) => {
    if (request.url === '/issued') {
      response.end(String(issued));
    } else {
      callback(request, response);
    }
  });
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
