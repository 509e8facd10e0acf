-- The control flags: at most one a scope. A person's word replaces whatever stands, as if that were lifted. A flag for an
-- incident gives way to what leaves as little, to a person's, and to a person who lifted it for this incident.
-- ARGV: verb, now, then by verb:
--   put: scope, flag as JSON         -> 1 | 0 (it gives way, or its incident is over)
--   lift: scope, by, incident or ''  -> 1 | 0 (there was none, or it stands for another incident)
--   tidy                             -> how many were taken away: their time or their incident is over
local verb, now = ARGV[1], tonumber(ARGV[2])
local MOST = 1000
local KEEP_ENDED_MS, KEEP_ENDED = 24 * 3600 * 1000, 1000

local function is_open(incident) return redis.call('HGET', K.incident .. incident, 'state') == 'open' end
local function is_over(flag) return flag['until'] and flag['until'] <= now end
local function name(incident, scope) return (incident or '') .. ' ' .. scope end

local function record(verb, by, text, scope)
  add_history('act', cjson.encode({verb = verb, by = by, at = int(now), about = scope .. ' ' .. clip(text, HISTORY_TEXT_BYTES)}))
end

local function note_end(scope, flag, text, by, at)  -- the last one of each incident and scope
  local who = by and ',"by":' .. cjson.encode(by) or ''
  redis.call('HSET', K.flags_ended, name(flag.incident, scope), '{"flag":' .. text .. who .. ',"at":' .. int(at) .. '}')
end

local function standing(scope)
  local text = redis.call('HGET', K.flags, scope)
  local flag = text and cjson.decode(text)
  if not flag or is_over(flag) then return nil end
  return flag, text
end

local function put(scope, text)
  local flag = cjson.decode(text)
  local stands, before = standing(scope)
  if flag.incident then
    local ended = redis.call('HGET', K.flags_ended, name(flag.incident, scope))
    if not is_open(flag.incident) or (ended and cjson.decode(ended).by) then return 0 end
    if stands and (not stands.incident or stands.share <= flag.share) then return 0 end
  end
  if redis.call('HEXISTS', K.flags, scope) == 0 and redis.call('HLEN', K.flags) >= MOST then
    return redis.error_reply('there are ' .. MOST .. ' control flags already')
  end
  if stands and stands.incident and not flag.incident then note_end(scope, stands, before, flag.author, now) end
  redis.call('HSET', K.flags, scope, text)
  redis.call('HDEL', K.flags_ended, name(flag.incident, scope))
  record(flag.share == 0 and 'pause' or 'throttle', flag.author, text, scope)
  return 1
end

local function lift(scope, by, incident)
  local flag, text = standing(scope)
  if not flag or (incident ~= '' and flag.incident ~= incident) then return 0 end
  redis.call('HDEL', K.flags, scope)
  if incident == '' then note_end(scope, flag, text, by, now) end
  record('resume', by, text, scope)
  return 1
end

local function forget_ended()
  local ended, kept = hash(K.flags_ended), {}
  for field, text in pairs(ended) do
    local held = cjson.decode(text)
    if not (held.flag.incident and is_open(held.flag.incident)) then
      if held.at < now - KEEP_ENDED_MS then redis.call('HDEL', K.flags_ended, field) else kept[#kept + 1] = {held.at, field} end
    end
  end
  table.sort(kept, function(a, b) return a[1] > b[1] end)
  for i = KEEP_ENDED + 1, #kept do redis.call('HDEL', K.flags_ended, kept[i][2]) end
end

local function tidy()
  local gone = 0
  for scope, text in pairs(hash(K.flags)) do
    local flag = cjson.decode(text)
    if is_over(flag) then
      redis.call('HDEL', K.flags, scope)
      note_end(scope, flag, text, nil, flag['until'])
      gone = gone + 1
    elseif flag.incident and not is_open(flag.incident) then
      gone = gone + lift(scope, 'guardian', flag.incident)
    end
  end
  forget_ended()
  return gone
end

if verb == 'put' then return put(ARGV[3], ARGV[4]) end
if verb == 'lift' then return lift(ARGV[3], ARGV[4], ARGV[5]) end
return tidy()
