// Bearer tokens signed with HS256 (RFC 7515, 7518, 7519). JWT comes from function.py: secrets, issuer, audience.
const MAX_TOKEN_CHARACTERS = 4096;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function parsed(part) {
  let text = '';
  let bits = 0;
  let count = 0;
  for (let i = 0; i < part.length; i++) {
    bits = (bits << 6) | ALPHABET.indexOf(part.charAt(i));
    count += 6;
    if (count >= 8) {
      count -= 8;
      text += '%' + (256 + (bits >> count)).toString(16).slice(1);
      bits &= (1 << count) - 1;
    }
  }
  return JSON.parse(decodeURIComponent(text));
}

// In a time that does not depend on where two signatures of one length differ.
function same(one, other) {
  let difference = one.length ^ other.length;
  for (let i = 0; i < other.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

function isSigned(content, signature) {
  let found = false;
  JWT.secrets.forEach(function (secret) {
    const expected = crypto.createHmac('sha256', secret).update(content).digest('base64url');
    found = same(expected, signature) || found;
  });
  return found;
}

function isValid(claims, now) {
  const audiences = claims.aud === undefined ? [] : [].concat(claims.aud);
  return typeof claims.exp === 'number' && now < claims.exp &&
    (claims.nbf === undefined || (typeof claims.nbf === 'number' && claims.nbf <= now)) &&
    (JWT.issuer === null || claims.iss === JWT.issuer) &&
    (JWT.audience === null ? audiences.length === 0 : audiences.includes(JWT.audience));
}

function authorized(header) {
  if (!header || values(header).length !== 1) return false;
  const text = values(header)[0];
  const token = /^Bearer +([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/i.exec(text);
  if (!token || text.length > MAX_TOKEN_CHARACTERS || !isSigned(token[1] + '.' + token[2], token[3])) return false;
  try {
    const head = parsed(token[1]);
    return head.alg === 'HS256' && head.crit === undefined && isValid(parsed(token[2]), Date.now() / 1000);
  } catch (error) {
    return false;
  }
}
