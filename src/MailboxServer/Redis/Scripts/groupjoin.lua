-- Makes a mailbox a member of a group, or lets it be one for longer or shorter than before.
--
-- KEYS     1 state   2 members
-- ARGV     1 mailbox   2 ms that it is one, '' for ever   3 the most members
-- returns  joined | renewed | full, ms since 1970 at which it ends (0: never)

local now = now_ms()
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text_of(now))
local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not known and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then return { 'full', 0 } end
local ends = ARGV[2] ~= '' and now + tonumber(ARGV[2]) or 0
redis.call('ZADD', KEYS[2], ends > 0 and text_of(ends) or '+inf', ARGV[1])
-- The key goes with the last of them, if all of them end.
-- (Lua 5.4 reads no number in 'inf'.)
local last = tonumber(redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2])
if last and last <= LARGEST then redis.call('PEXPIREAT', KEYS[2], text_of(last)) else redis.call('PERSIST', KEYS[2]) end
return { known and 'renewed' or 'joined', ends }
