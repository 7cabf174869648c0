-- Shared by the scripts of a mailbox: what one entry of the list is.
-- An entry is a bare body, or byte 0x01, a JSON header on one line that begins with a nonce, a line feed, and the body.
--
-- KEYS     of the state `s` that a function is given: 2 list
-- gives    what one entry says (check, weight, expiry, whether it is a tombstone), and the entries at their sequences

local CHUNK = 100

-- Lua 5.1 writes no more digits of a number into a text.
local LARGEST = 99999999999999

local NO_IDENTIFIER = '0000000000000000'

-- Sixteen hex digits that tell this entry from any other at its place: the nonce of an envelope, else a hash of the
-- length and of a bounded prefix and suffix (hashing all of 64 KiB costs more than the rest of the script).
local function check_of(entry)
  local nonce = string.match(entry, '^\1{"nonce":"([0-9a-f]+)"')
  if nonce and #nonce == 16 and nonce ~= NO_IDENTIFIER then return nonce end
  return string.sub(redis.sha1hex(#entry .. ':' .. string.sub(entry, 1, 64) .. string.sub(entry, -64)), 1, 16)
end

local function tombstone_of(entry, reason)
  return '\1{"nonce":"' .. check_of(entry) .. '","removed":"' .. reason .. '"}\n'
end

local function is_tombstone(entry)
  return string.sub(entry, 28, 40) == '","removed":"' and string.byte(entry, 1) == 1
end

-- What is no message does not leave quietly: when its tombstone goes, the highest is kept for a gap.
local function note_malformed(s, tombstone, sequence)
  if string.sub(tombstone, 41, 49) == 'malformed' then s.malformed = sequence end
end

-- A body far over the limit, pushed by hand, weighs nothing: it must not make the limits drop what is good.
local function weight_of(entry)
  if is_tombstone(entry) or #entry > DEFAULTS.maxEntryBytes then return 0 end
  return #entry
end

-- Milliseconds since 1970 at which this message's own life ends, or nil.
local function expiry_of(entry)
  local expiry = tonumber(string.match(entry, '^\1{"nonce":"[0-9a-f]+","time":%d+,"expires":(%d+)[,}]') or nil)
  return expiry and expiry <= LARGEST and expiry or nil
end

local function entries_at(s, from, to)
  return redis.call('LRANGE', s.keys[2], from - s.base, to - s.base)
end

local function entry_at(s, sequence)
  return redis.call('LINDEX', s.keys[2], sequence - s.base)
end
