-- Counts a mailbox and bytes for its tenant, unless that would be over the tenant's limits. What leaves is not told here:
-- a count corrects it. A mailbox that is known and gets no bytes writes nothing, so that it opens on a full Redis.
--
-- KEYS     1 the tenant's hash: bytes, counted (ms), since, counting   2 the set of its mailboxes
-- ARGV     1 mailbox   2 bytes   3 the most mailboxes, 0 for any   4 the most bytes, 0 for any   5 life of both keys (ms)
-- returns  ok | new (it was not known before) | full, then how long ago the last count was (ms), then how many mailboxes

local is_known = redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1
local more, most, most_bytes = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if is_known and more == 0 then return { 'ok', 0, 0 } end

local kept = redis.call('HMGET', KEYS[1], 'bytes', 'counted', 'counting')
local count = redis.call('SCARD', KEYS[2])
if (not is_known and most > 0 and count >= most) or
  (more > 0 and most_bytes > 0 and (tonumber(kept[1] or '') or 0) + more > most_bytes) then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  return { 'full', now - (tonumber(kept[2] or '') or 0), count }
end

if not is_known then redis.call('SADD', KEYS[2], ARGV[1]) end
if more > 0 then
  redis.call('HINCRBY', KEYS[1], 'bytes', ARGV[2])
  if kept[3] then redis.call('HINCRBY', KEYS[1], 'since', ARGV[2]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return { is_known and 'ok' or 'new', 0, count }
