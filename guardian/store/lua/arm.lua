-- Has every node act, or only watch, from now on.
-- ARGV: mode (heal | observe), who, now, comment or ''  ->  1
local mode, author, now, comment = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
redis.call('HSET', K.arming, 'mode', mode, 'by', author, 'at', int(now), 'comment', comment)
add_history('act', cjson.encode({verb = mode == 'heal' and 'arm' or 'disarm', by = author, at = int(now),
  about = clip(comment, HISTORY_TEXT_BYTES)}))
return 1
