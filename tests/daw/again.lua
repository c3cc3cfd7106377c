-- Loads a saved session in a fresh Ardour and saves it again, as it is and in variants.
--
--     ardour7-lua again.lua FOLDER NAME TRACK AUTOMATED WAY_BACK_FRAME REST NULLED
--
-- Writes the snapshots NAME-again (nothing touched), NAME-stay (the automation of AUTOMATED ends at WAY_BACK_FRAME and
-- keeps its value) and NAME-plain (automation off, AUTOMATED at REST). Where NULLED names a parameter, also NAME-null
-- (that one at 0 too). Prints the plugin's latency in frames.

local folder, name, track, automated = arg[1], arg[2], arg[3], arg[4]
local way_back_frame, rest, nulled = arg[5], arg[6], arg[7]

AudioEngine:set_backend("None (Dummy)", "Unit-Test", "")
local session = load_session(folder, name)
assert(session, "Ardour cannot load the session " .. name)

local processor = session:route_by_name(track):nth_plugin(0)
assert(not processor:isnil(), "the loaded session has no plugin on its track " .. track)
local insert = processor:to_insert()

-- Number of the parameter that musicians see under this name.
local function number_of(wanted)
  local plugin = insert:plugin(0)
  for number = 0, plugin:parameter_count() - 1 do
    if plugin:parameter_label(number) == wanted then
      return number
    end
  end
  error("the plugin has no parameter " .. wanted)
end

local function control(number)
  local parameter = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, number)
  return processor:to_automatable():automation_control(parameter, false)
end

-- A value reaches the plugin with the next block of the running engine.
local function set(number, value)
  control(number):set_value(value, PBD.GroupControlDisposition.NoGroup)
  ARDOUR.LuaAPI.usleep(500000)
end

local moved = number_of(automated)

print("latency_frames " .. insert:signal_latency())
session:save_state(name .. "-again")

local _, curve = ARDOUR.LuaAPI.plugin_automation(processor, moved)
curve:truncate_end(Temporal.timepos_t(math.tointeger(tonumber(way_back_frame))))
session:save_state(name .. "-stay")

control(moved):set_automation_state(ARDOUR.AutoState.Off)
set(moved, tonumber(rest))
session:save_state(name .. "-plain")

if nulled ~= "" then
  set(number_of(nulled), 0)
  session:save_state(name .. "-null")
end
close_session()
