-- The common delivery, for a third of what the long way costs: no option but type, content type and trace, into a mailbox that
-- exists, has the node's limits and room, where nothing was removed or expires by itself, nothing came by hand, and the
-- server is the one that gave the names. It comes to the same end as deliver.lua below, and writes nothing before it is
-- certain that it may: whatever is otherwise goes on there.
--
-- KEYS     1 hash   2 list
-- RUN      what the deliveries of one call share: the server's time (ms), the lineage of its data
-- ARGV     as deliver.lua
-- returns  as deliver.lua

do
  local nonce, is_plain, header = nil, true, ''
  for i = 2, #ARGV, 2 do
    local option = ARGV[i]
    if option == 'nonce' then
      nonce = ARGV[i + 1]
    elseif option == 'type' then
      header = header .. ',"type":"' .. ARGV[i + 1] .. '"'
    elseif option == 'contentType' then
      header = header .. ',"contentType":' .. cjson.encode(ARGV[i + 1])
    elseif option == 'traceparent' or option == 'tracestate' then
      header = header .. ',"' .. option .. '":' .. cjson.encode(ARGV[i + 1])
    elseif option ~= 'generation' then
      is_plain = false
    end
  end

  local h = is_plain and redis.call('HMGET', KEYS[1], 'generation', 'era', 'lastCheck', 'owner', 'receiver', 'limits',
    'tombstones', 'soonest', 'first', 'last', 'sent', 'flushed', 'bytes', 'deadline', 'epoch', 'lease', 'window', 'check')
  if h and h[1] and h[2] and not h[6] and (h[7] or '0') == '0' and (h[8] or '0') == '0' then
    local generation, era, check, owner, receiver = h[1], h[2], h[3] or '', h[4] or '', h[5] or ''
    local first, last, sent, flushed = tonumber(h[9] or 0), tonumber(h[10] or 0), tonumber(h[11] or 0), tonumber(h[12] or 0)
    local bytes, deadline, epoch = tonumber(h[13] or 0), tonumber(h[14] or 0), tonumber(h[15] or 0)
    local lease, window = tonumber(h[16] or 0), tonumber(h[17] or 0)
    local identifiers = generation .. ' ' .. era .. ' ' .. check .. ' ' .. owner .. ' ' .. receiver .. ' ' .. (h[18] or '')
    local is_whole = first and last and sent and flushed and bytes and deadline and epoch and lease and window
      and first >= 1 and last >= first - 1 and sent >= 0 and sent <= last and flushed >= 0 and flushed <= last
      and bytes >= 0 and epoch >= 0 and lease >= 0 and window >= 0 and deadline <= 99999999999999
      and (first + last + sent + flushed + bytes + deadline + epoch + lease + window) % 1 == 0
      and #generation == 16 and #era == 16 and #check % 16 == 0 and #owner % 16 == 0 and #receiver % 16 == 0
      and #(h[18] or '') % 16 == 0 and string.find(identifiers, '^[0-9a-f ]*$')
      and not string.find(identifiers, '0000000000000000', 1, true)
    if not RUN.now then
      local time = redis.call('TIME')
      RUN.now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    end
    local now = RUN.now
    local length = redis.call('LLEN', KEYS[2])
    if is_whole and deadline > now and length == last - first + 1 and length < DEFAULTS.maxMessages
      and (length == 0 or string.sub(redis.call('LINDEX', KEYS[2], -1), 1, 28) == '\1{"nonce":"' .. check .. '"') then
      local entry = '\1{"nonce":"' .. nonce .. '","time":' .. string.format('%d', now) .. header .. '}\n' .. ARGV[1]
      if not RUN.era then
        local info = redis.pcall('INFO', 'replication')
        RUN.era = type(info) == 'string' and string.match(info, 'master_replid:(' .. string.rep('%x', 16) .. ')') or 'not told'
      end
      if bytes + #entry <= DEFAULTS.maxBytes and RUN.era == era then
        redis.call('RPUSH', KEYS[2], entry)
        last, bytes = last + 1, bytes + #entry
        local present = receiver ~= '' and lease > now
        local carried
        if present and owner ~= '' and sent == last - 1 and #entry <= MOST_CARRIED_BYTES
          and (window > 0 and last - first < window or window == 0 and bytes <= DEFAULTS.maxBytes / 2
            and last - math.max(flushed, first - 1) <= math.min(MOST_CARRIED, DEFAULTS.maxMessages / 2)) then
          sent = last
          carried = string.format('\2%d %s %s %d %s\n', epoch, owner, generation, last,
            check ~= '' and check or '0000000000000000') .. entry
        end
        redis.call('HSET', KEYS[1], 'last', string.format('%d', last), 'lastCheck', nonce, 'bytes', string.format('%d', bytes),
          'sent', string.format('%d', sent))
        if length == 0 then redis.call('PEXPIREAT', KEYS[2], deadline) end
        redis.call('PUBLISH', KEYS[1] .. ':wake', carried or '1')
        return { 'stored', generation, last, present and 1 or 0, deadline, -1 }
      end
    end
  end
end

