// viewer-request of every behaviour: which requests reach the cache and the gateway, and as what.
//
// CloudFront's JavaScript runtime 2.0 knows neither optional chaining nor destructuring, and finds out only when the
// function runs. Comments and indentation are left out of what is deployed. Constants come from function.py:
// ROUTES (path -> token of the version, then the key headers; '' when not shareable), MAX_INPUT_CHARACTERS, JWT.
const SIGNING = ['Expires', 'Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'];

// What a cached GET may carry besides; everything else of the caller must not reach the gateway, because the answer
// is shared. The first four cannot be changed by a function.
const PASSING = ['host', 'content-length', 'transfer-encoding', 'via', 'accept-encoding', 'user-agent', 'x-request-id',
  'x-forwarded-for', 'traceparent', 'if-none-match', 'if-modified-since'];

function refuse(status, reason, message, name, value) {
  const headers = {
    'content-type': { value: 'application/json' },
    'cache-control': { value: 'no-store' },
    'x-content-type-options': { value: 'nosniff' },
  };
  if (name) headers[name] = { value: value };
  return { statusCode: status, statusDescription: reason, headers: headers, body: JSON.stringify({ message: message }) };
}

function values(field) {
  return field.multiValue ? field.multiValue.map(function (each) { return each.value; }) : [field.value];
}

function takesJson(accept) {
  return values(accept).join(',').split(',').some(function (range) {
    return /^\s*(\*\/\*|application\/(\*|json))\s*(;|$)/i.test(range) && !/;\s*q=0(\.0*)?\s*$/i.test(range);
  });
}

// The bits that base64url leaves over in the last character must be zero: one input, one spelling, one key.
function isBase64url(text) {
  const last = text.charAt(text.length - 1);
  const rest = text.length % 4;
  return /^[A-Za-z0-9_-]+$/.test(text) && rest !== 1 && (rest !== 2 || 'AQgw'.includes(last)) &&
    (rest !== 3 || 'AEIMQUYcgkosw048'.includes(last));
}

function checkInput(field) {
  if (!field || values(field).length !== 1) return refuse(400, 'Bad Request', 'give the parameter input exactly once');
  const text = values(field)[0];
  if (text.length > MAX_INPUT_CHARACTERS) return refuse(414, 'URI Too Long', 'input is too long for GET: use POST');
  if (!isBase64url(text)) return refuse(400, 'Bad Request', 'input is not base64url without padding');
}

// Null when every header that may change the answer is part of the key. There, caches differ on what is empty, comes
// twice or is not ASCII: two such values might be one key.
function checkHeader(name, field, keyed) {
  const changes = name === 'prefer' || name.startsWith('x-amzn-sagemaker-') || (name === 'accept' && !takesJson(field));
  if (keyed ? values(field).length !== 1 || !/^[ -~]+$/.test(field.value) : changes) {
    return refuse(400, 'Bad Request', 'GET cannot honour the header ' + name + ': use POST');
  }
  return null;
}

function reduceHeaders(headers, route) {
  const names = Object.keys(headers);
  for (let i = 0; i < names.length; i++) {
    const keyed = route.indexOf(names[i]) > 0;
    const refusal = checkHeader(names[i], headers[names[i]], keyed);
    if (refusal) return refusal;
    if (!keyed && !PASSING.includes(names[i])) delete headers[names[i]];
  }
  // One form for all that take JSON: the gateway shares no answer to a list of types.
  if (!headers.accept) headers.accept = { value: 'application/json' };
  headers['x-model-version'] = { value: route[0] };
  return null;
}

function reduceQuery(query) {
  const kept = { input: { value: values(query.input)[0] } };
  SIGNING.forEach(function (name) {
    if (query[name]) kept[name] = query[name];
  });
  return kept;
}

function handler(event) {
  const request = event.request;
  const method = request.method;
  if (typeof ROUTES[request.uri] !== 'string') return refuse(404, 'Not Found', 'no model has this path');
  const route = ROUTES[request.uri].split(' ');
  delete request.headers['x-model-version'];
  delete request.headers['x-origin-verify'];
  if (method === 'POST' || method === 'OPTIONS') return request;
  if (method !== 'GET' || !route[0]) {
    const allowed = route[0] ? 'GET, POST' : 'POST';
    return refuse(405, 'Method Not Allowed', 'this path takes only ' + allowed, 'allow', allowed);
  }
  if (JWT && !authorized(request.headers.authorization)) {
    return refuse(401, 'Unauthorized', 'a valid bearer token is needed', 'www-authenticate', 'Bearer');
  }
  const refusal = checkInput(request.querystring.input) || reduceHeaders(request.headers, route);
  if (refusal) return refusal;
  request.querystring = reduceQuery(request.querystring);
  request.cookies = {};
  return request;
}
