-- Gives back what was counted for a tenant and did not come to be.
--
-- KEYS     1 the tenant's hash   2 the set of its mailboxes
-- ARGV     1 bytes   2 a mailbox that is not there, or ''
-- returns  1

if ARGV[2] ~= '' then redis.call('SREM', KEYS[2], ARGV[2]) end
local less = tonumber(ARGV[1])
for _, field in ipairs({ 'bytes', 'since' }) do
  local noted = tonumber(redis.call('HGET', KEYS[1], field) or '')
  if noted then redis.call('HSET', KEYS[1], field, string.format('%.0f', math.max(0, noted - less))) end
end
return 1
