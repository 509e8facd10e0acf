-- Shared by every script; `K` (key names) and `SCHEMA` come before this text from keys.py.
-- Times are whole milliseconds since the epoch, handed in as `now`; only a lease's end is by the server's clock.

local schema = redis.call('HGET', K.store, 'schema')
if schema and tonumber(schema) ~= SCHEMA then
  return redis.error_reply('the store holds schema ' .. schema .. ', this Guardian reads ' .. SCHEMA)
end

local KEEP_CLOSED_MS = 7 * 24 * 3600 * 1000
local KEEP_CLOSED = 500
local KEEP_LOOKS_MS = 7 * 24 * 3600 * 1000  -- of a check or node that is no more
local KEEP_BRAKE_MS = 15 * 60 * 1000        -- every look renews it; a check that was switched off lets go
local STORY_LENGTH = 200
local AWAIT_HISTORY_MS = 30 * 1000          -- nobody is told before, of what may turn out to be known

local function server_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function int(text)  -- Lua prints 1e+12 for large numbers; keys and fields hold plain integers
  return string.format('%.0f', text)
end

local function hash(key)
  local flat, out = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do out[flat[i]] = flat[i + 1] end
  return out
end

-- The history. Each call that changes an incident adds one entry to the stream, whole and in the same call:
--   v, n     version of the entry, and its number without a gap
--   incident its hash as it is now, as JSON (without evidence and messages' ids), so that each entry makes up for lost ones
--   steps    what happened, as JSON: [{at, kind, text, reason, ...}]
--   evidence in the entry that tells of it, where it is not too large
-- An act of a person on no incident is an entry with `act` in place of these; a scan that is not allowed one with
-- `scan`, and counts of scans one with `scans`.
local HISTORY_TEXT_BYTES = 1000
local HISTORY_EVIDENCE_BYTES = 16384
local NAMES = {id = true, check = true, node = true, target = true}

local touched, steps_of = {}, {}

local function touch(id)
  if not steps_of[id] then
    steps_of[id] = {}
    touched[#touched + 1] = id
  end
  return steps_of[id]
end

local function clip(text, most)  -- never within a character
  if #text <= most then return text end
  while most > 0 and string.byte(text, most + 1) >= 128 and string.byte(text, most + 1) < 192 do most = most - 1 end
  return string.sub(text, 1, most)
end

local function note(id, now, kind, text, reason, more)  -- for the history alone
  local step = more or {}
  step.at, step.kind, step.text = int(now), kind, clip(text, HISTORY_TEXT_BYTES)
  if reason and reason ~= '' then step.reason = reason end
  table.insert(touch(id), step)
end

local function tell_story(id, now, kind, text, reason, more)
  local entry = {at = int(now), kind = kind, text = text}
  if reason and reason ~= '' then entry.reason = reason end
  redis.call('RPUSH', K.story .. id, cjson.encode(entry))
  redis.call('LTRIM', K.story .. id, -STORY_LENGTH, -1)
  note(id, now, kind, text, reason, more)
end

local function add_history(...)
  local n = redis.call('INCR', K.history_count)
  redis.call('XADD', K.history, 'MAXLEN', '~', HISTORY_LENGTH, '*', 'v', HISTORY_VERSION, 'n', n, ...)
end

local function add_digest(kind, day, now, channel, text)  -- kind: told, failed (a channel's spool has it) or done
  add_history('act', cjson.encode({verb = 'digest ' .. kind, by = 'guardian', at = int(now), day = day, channel = channel,
    about = clip(text, HISTORY_TEXT_BYTES)}))
end

local function write_incident(id)
  local incident, fields = hash(K.incident .. id), {}
  if not incident.id then return end
  local evidence = incident.evidence
  incident.evidence, incident.root_id, incident.parent_id = nil, nil, nil
  for name, value in pairs(incident) do
    if not NAMES[name] then incident[name] = clip(value, HISTORY_TEXT_BYTES) end
  end
  fields = {'incident', cjson.encode(incident)}
  local steps = steps_of[id]
  if #steps > 0 then
    fields[3], fields[4] = 'steps', cjson.encode(steps)
  end
  for _, step in ipairs(steps) do
    if step.kind == 'evidence' and evidence and #evidence <= HISTORY_EVIDENCE_BYTES then
      fields[5], fields[6] = 'evidence', evidence
    end
  end
  add_history(unpack(fields))
end

local function write_history()
  for _, id in ipairs(touched) do write_incident(id) end
end

local function set_due(id, track, at)
  touch(id)
  if at then
    redis.call('HSET', K.incident .. id, track .. '_due', int(at))
    redis.call('ZADD', K.due, int(at), id .. ' ' .. track)
  else
    redis.call('HDEL', K.incident .. id, track .. '_due')
    redis.call('ZREM', K.due, id .. ' ' .. track)
  end
end

local function open_field(incident)
  return incident.check .. '|' .. incident.node .. '|' .. incident.target
end

local function expire(id)
  redis.call('PEXPIRE', K.incident .. id, KEEP_CLOSED_MS)
  redis.call('PEXPIRE', K.story .. id, KEEP_CLOSED_MS)
end

local function retire(id)  -- nothing more is due of a resolved incident
  set_due(id, 'tell', nil)
  expire(id)
end

local function silenced(incident)  -- held back from the start: nobody heard of it
  return incident.tell == 'alert' and not incident.begun and incident.not_told
end

local function end_notice(id, incident)  -- told once, whenever that is; what was silenced is not told at all
  if incident.tell == 'alert' and not silenced(incident) then
    expire(id)
    return true
  end
  redis.call('HSET', K.incident .. id, 'tell', 'none')
  retire(id)
  return false
end

local function resolve(id, incident, now, resolution, always_tell)
  redis.call('HSET', K.incident .. id, 'state', 'resolved', 'resolved_at', int(now), 'resolution', resolution, 'heal', 'none')
  redis.call('HDEL', K.open, open_field(incident))
  redis.call('ZADD', K.closed, int(now), id)
  local surplus = redis.call('ZRANGE', K.closed, 0, -KEEP_CLOSED - 1)
  for _, old in ipairs(surplus) do
    if redis.call('HGET', K.incident .. old, 'tell') == 'none' then redis.call('DEL', K.incident .. old, K.story .. old) end
    redis.call('ZREM', K.closed, old)
  end
  redis.call('ZREMRANGEBYSCORE', K.closed, '-inf', int(now - KEEP_CLOSED_MS))
  set_due(id, 'heal', nil)
  tell_story(id, now, 'resolved', resolution)
  if incident.once then return end_notice(id, incident) end
  if (incident.tell ~= 'none' and not silenced(incident)) or always_tell then
    redis.call('HSET', K.incident .. id, 'tell', 'resolved')
    if incident.tell ~= 'none' then redis.call('HSET', K.incident .. id, 'alert_was_due', 1) end
    set_due(id, 'tell', now)
    expire(id)  -- a receiver that is away for good does not fill the store
    return true
  end
  redis.call('HSET', K.incident .. id, 'tell', 'none')
  retire(id)
  return false
end

local function begin_telling(id, incident, now, at_once)  -- a person is to be told; twice changes nothing
  local tell = incident.tell or 'none'
  if at_once then redis.call('HSET', K.incident .. id, 'at_once', '1') end
  if tell == 'none' then
    redis.call('HSET', K.incident .. id, 'tell', 'alert')
    set_due(id, 'tell', now)
    return true
  end
  if at_once and tell == 'escalate' and not incident.acked_at and tonumber(incident.tell_due or 0) > now then
    set_due(id, 'tell', now)
    return true
  end
  return false
end

local function awaits_history(now)  -- it came back empty, and what was open before may be read back any moment
  local store = hash(K.store)
  return store.lost and not store.read_back and now < tonumber(store.made_at) + AWAIT_HISTORY_MS
end

local function is_stale(incident, attempt)
  return incident.state ~= 'open' or tonumber(incident.attempt or 0) ~= tonumber(attempt)
end
