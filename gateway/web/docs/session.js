// Who is signed in. Tokens live in this module's memory and nowhere else.

const margin = 10_000; // before the end of an access token, in milliseconds
let tokens = null;
let listener = () => {};

// onChange tells the page when somebody signs in or out.
export function onChange(f) { listener = f; }

export function signedIn() { return tokens !== null; }

export function who() { return tokens?.who || ""; }

function keep(pair, name) {
  tokens = pair && {
    access: pair.accessToken,
    refresh: pair.refreshToken,
    expires: pair.accessExpireTime ? Date.parse(pair.accessExpireTime) : Infinity,
    who: name,
  };
  listener();
}

async function post(path, body, headers = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  if (response.status === 204) return {};
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail || answer.title);
  return answer;
}

// signIn opens a session.
export async function signIn(email, password) {
  const { tokens: pair } = await post("/api/v1/auth/login", { email, password });
  keep(pair, email);
}

// useToken takes a token that the person has from elsewhere.
export function useToken(raw) { keep({ accessToken: raw.trim().replace(/^Bearer\s+/i, "") }, "access token"); }

// signOut ends the session at the server too.
export async function signOut() {
  const { access, refresh } = tokens;
  keep(null);
  if (refresh) await post("/api/v1/auth/logout", null, { Authorization: `Bearer ${access}` }).catch(() => {});
}

// accessToken returns a token that has not run out, or "".
export async function accessToken() {
  if (tokens?.refresh && tokens.expires - margin < Date.now()) {
    const { refresh, who: name } = tokens;
    try {
      keep((await post("/api/v1/auth/refresh", { refreshToken: refresh })).tokens, name);
    } catch {
      keep(null);
    }
  }
  return tokens?.access || "";
}
