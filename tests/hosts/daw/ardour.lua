-- Ardour's part of ardour.py. Arguments: what to do (make or open), session folder, export folder, name.
-- `make` builds a session with DeepDrummer on a MIDI track, saves it and exports it twice;
-- `save` builds it and saves it; `open` opens the saved session and exports it once; `bounce` builds it and
-- exports it once, at a tempo, for some seconds, in blocks of some frames (three more arguments).

local what, folder, exports, name = arg[1], arg[2], arg[3], arg[4]
local tempo, SECONDS, block = tonumber(arg[5]), tonumber(arg[6] or 8), tonumber(arg[7])
local RATE = 48000

local backend = AudioEngine:set_backend("None (Dummy)", "ardour", "")
backend:set_sample_rate(RATE)
if block then
  backend:set_buffer_size(block)
end

local function export(session, as)
  local export = session:simple_export()
  export:set_name(as)
  export:set_folder(exports)
  export:set_range(0, math.floor(RATE * SECONDS))
  assert(export:check_outputs(), "the session has a master output")
  assert(export:run_export(), "the export ran")
end

local session
if what ~= "open" then
  session = create_session(folder, "song", RATE)
  assert(session, "the session was made")
  local count, kind = ARDOUR.ChanCount, ARDOUR.DataType
  local tracks = session:new_midi_track(
    count(kind("midi"), 1), count(kind("midi"), 1), false, ARDOUR.PluginInfo(), nil, nil, 1, "Drums",
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
  local track = tracks:front()
  local plugin = ARDOUR.LuaAPI.new_plugin(session, "DeepDrummer", ARDOUR.PluginType.VST3, "")
  assert(not plugin:isnil(), "Ardour knows the plugin")
  assert(track:add_processor_by_index(plugin, 0, nil, true) == 0, "the track takes the plugin")
  assert(not track:the_instrument():isnil(), "the plugin is the track's instrument")
  local master = session:master_out()
  for channel = 0, 1 do
    track:output():audio(channel):connect(master:input():audio(channel):name())
  end
  if tempo then
    local map = Temporal.TempoMap.write_copy()
    map:set_tempo(Temporal.Tempo(tempo, tempo, 4), Temporal.timepos_t(0))
    Temporal.TempoMap.update(map)
  end
  if what == "bounce" then
    export(session, name)
  elseif what == "make" then
    export(session, name .. "-1")
    export(session, name .. "-2")
  end
  session:save_state("")
else
  session = load_session(folder, "song")
  assert(session, "the session was opened")
  export(session, name)
end
print("DONE")
close_session()
