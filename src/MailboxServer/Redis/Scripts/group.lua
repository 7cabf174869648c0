-- Shared by the scripts of groups. An entry of the outbox is an envelope, whose nonce is the delivery's id; or a bare body, which
-- gets its envelope when its turn comes. Only the head is ever under way, and only its node's scripts take it off.
--
-- KEYS     1 state   2 members (score: ms since 1970 at which each ends)   3 outbox   4 index (idempotency keys, topics)
--          5 deliveries (id: till state members delivered waiting full failed absent)
--          6 who the delivery under way has still to reach   7 results of members, a page each

local TEN_MINUTES = 600000
local KEPT = 1000
local KEPT_PAGES = 200

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function text_of(number)
  return string.format('%.0f', number)
end

local function id_of(entry)
  local id = string.match(entry, '^\1{"nonce":"([0-9a-f]+)"')
  return id and #id == 16 and id or nil
end

local function topic_of(entry)
  return string.match(string.match(entry, '^[^\n]*'), ',"topic":"([A-Za-z0-9_%-]+)"')
end

-- A field that no script wrote counts as none.
local function number_of(value)
  return tonumber(value or '') or 0
end

local function live_members(now)
  return redis.call('ZCOUNT', KEYS[2], '(' .. text_of(now), '+inf')
end

local function wake()
  local prefix, name = string.match(KEYS[1], '^(.*)group:{(.*)}$')
  redis.call('PUBLISH', prefix .. 'groups:wake', name)
end

-- What is over leaves a hash whose values begin with the time until which they are kept; of the rest, the oldest beyond
-- KEPT. What is still under way stays: there is no more of that than the outbox holds.
local function bound(key, now)
  if redis.call('HLEN', key) <= 3 * KEPT then return end
  local all = redis.call('HGETALL', key)
  local ended, gone = {}, {}
  for i = 1, #all, 2 do
    local till, state = string.match(all[i + 1], '^(%d+) (%w+)')
    if till and tonumber(till) <= now then
      gone[#gone + 1] = all[i]
    elseif till and state ~= 'waiting' and state ~= 'underway' then
      ended[#ended + 1] = { tonumber(till), all[i] }
    end
  end
  table.sort(ended, function(a, b) return a[1] < b[1] end)
  for i = 1, #ended - KEPT do gone[#gone + 1] = ended[i][2] end
  for i = 1, #gone, CHUNK do redis.call('HDEL', key, unpack(gone, i, math.min(#gone, i + CHUNK - 1))) end
end

local function record(id, now, state, members, tally)
  redis.call('HSET', KEYS[5], id, text_of(now + TEN_MINUTES) .. ' ' .. state .. ' ' .. members .. ' ' .. (tally or '0 0 0 0 0'))
end

-- One life for all but the members, which have their own: nobody knows the rest when the state is gone.
local function keep(life)
  for _, i in ipairs({ 1, 3, 4, 5, 6 }) do redis.call('PEXPIRE', KEYS[i], life) end
end
