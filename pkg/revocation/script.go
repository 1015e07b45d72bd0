package revocation

import goredis "github.com/redis/go-redis/v9"

// Times are microseconds since 1970, as exact in Lua as here. An expiry of 0 is never.
// An entry is its before and its expires.
const (
	luaEntry = `
local function entry(text)
	local before, expires = string.match(text, '^(%-?%d+) (%d+)$')
	return tonumber(before), tonumber(expires)
end
local function live(expires, now) return expires == 0 or expires > now end
`
	// luaRun has ofThisRun(text), which costs the server five microseconds.
	luaRun = `
local function run() return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end
local function ofThisRun(text)
	return text and string.find(redis.call('INFO', 'server'), 'run_id:' .. text .. '\r\n', 1, true)
end
`
)

var (
	// lookUp says whether one of KEYS concerns a token: 1 or 0, or -1 when nothing can
	// be said. The first is the marker. ARGV is now and the token's time of issue, then
	// for each other key 1 if its entry concerns only what was issued before its moment.
	lookUp = goredis.NewScript(luaEntry + luaRun + `
if not ofThisRun(redis.call('GET', KEYS[1])) then return -1 end
local now, issued = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 2, #KEYS do
	local held = redis.call('GET', KEYS[i])
	if held then
		local before, expires = entry(held)
		if live(expires, now) and (ARGV[i + 1] == '0' or issued < before) then return 1 end
	end
end
return 0
`)

	// put adds an entry for each of KEYS. ARGV is now and how many milliseconds to keep
	// an entry that has expired, then for each its before and its expires. Of two
	// entries for a key the later of each counts.
	put = goredis.NewScript(luaEntry + `
local now = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
	local before, expires = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
	local held = redis.call('GET', key)
	if held then
		local oldBefore, oldExpires = entry(held)
		if live(oldExpires, now) then
			before = math.max(before, oldBefore)
			if oldExpires == 0 or expires ~= 0 and oldExpires > expires then expires = oldExpires end
		end
	end
	local text = string.format('%.0f %.0f', before, expires)
	if expires == 0 then
		redis.call('SET', key, text)
	else
		redis.call('SET', key, text, 'PX', string.format('%.0f', (expires - now) / 1000 + ARGV[2]))
	end
end
return #KEYS
`)

	// begin leaves the note KEYS[1] for ARGV[1] milliseconds.
	begin = goredis.NewScript(luaRun + `
return redis.call('SET', KEYS[1], run(), 'PX', ARGV[1])
`)

	// finish sets the marker KEYS[1] if the note KEYS[2] still holds, and says whether
	// it did.
	finish = goredis.NewScript(luaRun + `
local note = redis.call('GET', KEYS[2])
if not ofThisRun(note) then return 0 end
redis.call('SET', KEYS[1], note)
redis.call('DEL', KEYS[2])
return 1
`)
)
