-- Keeps a ticket, or gives it to a receiver.
--
-- KEYS     1 ticket
-- ARGV     1 'issue'   2 ms until it is gone unless somebody opens with it   3 ms since 1970 at which it ends
--          4 ... pairs of field and value
--     or   1 'bind'    2 receiver
--     or   1 'release' 2 receiver   3 ms until it is gone unless somebody opens with it
-- returns  1; 0 when it is another receiver's, or there is none (any more)

if ARGV[1] == 'issue' then
  redis.call('HSET', KEYS[1], 'until', ARGV[3], unpack(ARGV, 4))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 1
end

local ends = redis.call('HGET', KEYS[1], 'until')
if not ends then return 0 end
local receiver = redis.call('HGET', KEYS[1], 'receiver')
if ARGV[1] == 'release' then
  if receiver ~= ARGV[2] then return 0 end
  redis.call('HDEL', KEYS[1], 'receiver')
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
end

if receiver then return receiver == ARGV[2] and 1 or 0 end
-- Begins with a write that a full Redis allows: a ticket that was given out is honoured. By Redis's clock it may be over, and
-- is gone with that.
redis.call('PEXPIREAT', KEYS[1], ends)
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'receiver', ARGV[2])
return 1
