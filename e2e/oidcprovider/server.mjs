// An authorization server of npm's oidc-provider, on a free port of the loopback interface. It prints its
// issuer as the first line, and ends with its standard input. CLIENT_SECRET is the secret of the clients
// "basic" and "body", APP_SECRET that of "app-basic" and "app-body". The rules for refresh tokens are the
// provider's own: without offline_access and prompt=consent there is none.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const listening = http.createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${listening.address().port}`;
  const job = (id, auth) => ({
    client_id: id,
    client_secret: process.env.CLIENT_SECRET,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'jobs.read jobs.write',
    token_endpoint_auth_method: auth,
  });
  const app = (id, auth) => ({
    client_id: id,
    client_secret: auth === 'none' ? undefined : process.env.APP_SECRET,
    application_type: 'native', // any port of the loopback interface (RFC 8252 §7.3)
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: ['http://127.0.0.1/callback'],
    response_types: ['code'],
    token_endpoint_auth_method: auth,
  });
  const provider = new Provider(issuer, {
    clients: [
      job('basic', 'client_secret_basic'), job('body', 'client_secret_post'),
      app('app-basic', 'client_secret_basic'), app('app-body', 'client_secret_post'), app('app-public', 'none'),
    ],
    scopes: ['openid', 'offline_access', 'jobs.read', 'jobs.write', 'admin'],
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
    ttl: { ClientCredentials: 600, AccessToken: 600 },
  });

  // interact logs in alice, and consents to what was asked for.
  const interact = async (request, response) => {
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      return provider.interactionFinished(request, response, { login: { accountId: 'alice' } });
    }
    const grant = (grantId && await provider.Grant.find(grantId)) ||
      new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  };

  let issued = 0;
  provider.on('client_credentials.saved', () => { issued += 1; });
  const callback = provider.callback();
  listening.on('request', (request, response) => {
    if (request.url === '/issued') {
      response.end(String(issued));
    } else if (request.url.startsWith('/interaction/')) {
      interact(request, response).catch((error) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    } else {
      callback(request, response);
    }
  });
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
