-- Shared by the scripts that write the index: keeps it bounded.
--
-- KEYS     of the state `s` of one mailbox, see state.lua: 3 index
-- gives    bound_index: to be called after each write of the index
--
-- The index holds `key:<idempotency key>` = till digest generation sequence expires ttl, and
-- `topic:<topic>` = generation sequence. Redis 7.0 has no expiry for a single field, so when it has grown past its mark
-- one pass removes what is over: keys past their ten minutes, topics whose message was sent or is gone. Of the keys that
-- are left, the older half goes when there are more than 1,000. The mark is twice what stays, so the pass is rare.

local INDEX_KEYS = 1000

local function bound_index(s)
  local index = s.keys[3]
  redis.call('PEXPIREAT', index, s.deadline)
  local length = redis.call('HLEN', index)
  if length <= 2 * INDEX_KEYS then return end
  local mark = tonumber(redis.call('HGET', index, 'mark') or '') or 0
  if length <= mark then return end

  local all = redis.call('HGETALL', index)
  local gone, keys, kept = {}, {}, 0
  for i = 1, #all, 2 do
    local field, value = all[i], all[i + 1]
    if string.sub(field, 1, 4) == 'key:' then
      local till = tonumber(string.match(value, '^%d+') or '') or 0
      if till <= s.now then gone[#gone + 1] = field else keys[#keys + 1] = { till, field } end
    elseif string.sub(field, 1, 6) == 'topic:' then
      local generation, sequence = string.match(value, '^(%x+) (%d+)$')
      if not names(s, generation or '', tonumber(sequence or 0)) or tonumber(sequence) <= s.sent or tonumber(sequence) < s.first then
        gone[#gone + 1] = field
      else
        kept = kept + 1
      end
    end
  end
  if #keys > INDEX_KEYS then
    table.sort(keys, function(a, b) return a[1] < b[1] end)
    for i = 1, #keys - INDEX_KEYS / 2 do gone[#gone + 1] = keys[i][2] end
  end
  for i = 1, #gone, CHUNK do
    redis.call('HDEL', index, unpack(gone, i, math.min(#gone, i + CHUNK - 1)))
  end
  redis.call('HSET', index, 'mark', 2 * (kept + INDEX_KEYS))
end
