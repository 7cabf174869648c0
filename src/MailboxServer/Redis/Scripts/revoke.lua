-- Adds a revocation to those that stand, and forgets those that are over.
--
-- KEYS     1 revocations
-- ARGV     1 now, ms since 1970   2 when it may be forgotten, ms since 1970   3 what is revoked   4 the most that may stand
-- returns  1; 0 when there are as many as may be

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])
local known = redis.call('ZSCORE', KEYS[1], ARGV[3])
if not known and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
if not known or tonumber(known) < tonumber(ARGV[2]) then redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3]) end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2]))
return 1
