-- Ends a count of what a tenant's mailboxes hold. What was delivered since the count began is added to what it found; one
-- that began later makes an earlier one void, as both would correct the same fault.
--
-- KEYS     1 the tenant's hash   2 the set of its mailboxes
-- ARGV     1 who counted, as `counting` was set when the count began   2 the bytes that were found   3 life of both keys (ms)
--          then mailboxes that were not there
-- returns  1 when the count holds, else 0

local kept = redis.call('HMGET', KEYS[1], 'counting', 'since')
if kept[1] ~= ARGV[1] then return 0 end
for i = 4, #ARGV do redis.call('SREM', KEYS[2], ARGV[i]) end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'bytes', string.format('%.0f', tonumber(ARGV[2]) + (tonumber(kept[2] or '') or 0)),
  'counted', string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)))
redis.call('HDEL', KEYS[1], 'counting', 'since')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
