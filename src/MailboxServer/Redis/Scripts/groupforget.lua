-- Takes a name out of the list of groups, unless somebody has used it since.
--
-- KEYS     1 groups (score: when each was used last, ms since 1970)
-- ARGV     1 group   2 ms since 1970
-- returns  1 when it is out, else 0

local used = redis.call('ZSCORE', KEYS[1], ARGV[1])
return used and tonumber(used) <= tonumber(ARGV[2]) and redis.call('ZREM', KEYS[1], ARGV[1]) or 0
