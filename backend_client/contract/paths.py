"""Every path of the contract, once. Paths are plural nouns; a verb only as the last step."""

from __future__ import annotations

HEALTH = "/v1/health"
SIGN_IN = "/v1/auth/sign-in"
REFRESH = "/v1/auth/refresh"
SIGN_OUT = "/v1/auth/sign-out"
ME = "/v1/auth/me"

STREAM = "/v1/stream"
ITEMS = "/v1/items/{kind}"  # ?after=ID&limit=N -> Page
ITEM = "/v1/items/{kind}/{item_id}"

EVENTS = "/v1/events"  # ?repair=ID: it mends that one  POST Intake -> Head (201 new, 200 seen)
# accept undo Touch, locate Locate, classify Classify, dispatch Dispatch, close Close,
# claim Claiming, release;
# refuse withdraw supervise redo split Reasoned, assist transfer Dispatch, decide Decide,
# call_back CallBack, merge Merge
EVENT_VERB = "/v1/events/{item_id}/{verb}"
EVENT_STEPS = "/v1/events/{item_id}/steps"  # GET Timeline
EVENT_READING = "/v1/events/{item_id}/reading"  # GET Reading
EVENT_SIMILAR = "/v1/events/{item_id}/similar"  # GET Similar
MATTERS = "/v1/matters"  # GET Matters
# sign resume Touch, report Close, return Return, extend Extend, grant Decide, suspend urge Reasoned
ORDER_VERB = "/v1/orders/{item_id}/{verb}"
ANSWERS = "/v1/answers"  # ?channel=&after=N&limit=N -> Answers
ANSWERS_TOLD = "/v1/answers/told"  # POST ToldAnswers
MATCH_VERB = "/v1/matches/{item_id}/{verb}"  # apart Reasoned; yes is the event's own merge
ATTACHMENTS = "/v1/attachments"  # ?name=&region=  POST the file itself -> Attachment (201, 200)
ATTACHMENT = "/v1/attachments/{attachment_id}"  # GET the file itself
REPAIRS = "/v1/repairs"  # ?before=NO&limit=N&state= -> RepairsPage
REPAIR_DONE = "/v1/repairs/{repair_id}/done"  # POST Mending -> Repair
INSTRUCTIONS = "/v1/instructions"  # POST Issue -> Head
INSTRUCTION_VERB = "/v1/instructions/{item_id}/{verb}"  # sign Touch
# acknowledge Touch, shelve Shelve, withdraw Withdraw, restore Touch
ALARM_VERB = "/v1/alarms/{item_id}/{verb}"
ALARM_CAUSES = "/v1/alarms/causes"  # PUT Causes -> Told
ALARM_TOGETHER = "/v1/alarms/acknowledge"  # POST Together -> Acknowledged
ALARM_SUPPRESSION = "/v1/alarms/suppression"  # PUT Suppress -> Head
ALARM_SOUND = "/v1/alarms/sound"  # PUT Sound
ALARM_LOADS = "/v1/alarms/loads"  # GET Loads

SHIFT_LINES = "/v1/shifts/{page_id}/lines"  # ?after=NO&limit=N -> LinesPage; POST LineIn -> Head
SHIFT_OPEN = "/v1/shifts/{page_id}/open"  # what the page would hand on now
SHIFT_HANDOVER = "/v1/shifts/{page_id}/handover"  # POST Handover -> Head
SHIFT_PROOF = "/v1/shifts/{page_id}/proof"  # is the chain whole?
SHIFT_EXPORT = "/v1/shifts/{page_id}/export"  # CSV
SHIFT_SEARCH = "/v1/shifts/lines"  # ?q=WORDS&limit=N -> FoundLines

LAYERS = "/v1/layers"
BLOCK = "/v1/layers/{layer}/block"  # ?since=VERSION -> Arrow IPC
FEATURES = "/v1/layers/{layer}/features"  # PUT Upsert -> Upserted
ROWS = "/v1/layers/{layer}/rows"  # PUT Arrow IPC of `contract.rows` -> Upserted
FEATURE = "/v1/layers/{layer}/features/{oid}"
SERIES = "/v1/layers/{layer}/features/{oid}/series"  # ?hours=N
TRACK = "/v1/layers/{layer}/features/{oid}/track"  # ?hours=N

POSITIONS = "/v1/positions"  # POST Fixes; GET ?since=SEQ&wait_s=1 -> Arrow IPC

FEEDS = "/v1/feeds"  # PUT FeedList -> Registered; health comes down the stream
POSITION_ROWS = "/v1/positions/rows"  # POST Arrow IPC of `contract.rows` -> Fixed


REPLAY_POSITIONS = "/v1/replay/positions"  # ?at=INSTANT -> Arrow IPC, as POSITIONS
REPLAY_LAYER = "/v1/replay/layers/{layer}"  # ?at=INSTANT -> Arrow IPC: back from now

REQUESTS = "/v1/requests"  # ?region= -> Requests
INDICATORS = "/v1/indicators"  # ?region= -> Board
INDICATOR_SERIES = "/v1/indicators/{indicator}/series"  # ?region=&hours= -> Past
INDICATOR_REGIONS = "/v1/indicators/{indicator}/regions"  # ?under= -> Parts
INDICATOR_ROWS = "/v1/indicators/{indicator}/rows"  # ?region=&limit= -> Entries
MODELS = "/v1/models"  # GET ModelList
MODEL_VERB = "/v1/models/{name}/{verb}"  # promote Promote, roll_back RollBack, learn
UNITS = "/v1/units"  # ?days= -> Units
UNIT_ROWS = "/v1/units/{unit}/rows"  # ?which=&days=&limit= -> Entries

DRAWINGS = "/v1/drawings"  # PUT DrawingIn -> Drawn
DRAWING = "/v1/drawings/{drawing_id}"  # DELETE

SEARCH = "/v1/search"  # ?q=WORDS&limit=N -> Hits

WITHIN = "/v1/resources/within"
WITHIN_EXPORT = "/v1/resources/within/export"  # ?format=csv|geojson

DEVICES = "/v1/devices"
DEVICE = "/v1/devices/{device_id}"  # GET: Gate + ETag "fence.seq"
DEVICE_COMMANDS = "/v1/devices/{device_id}/commands"
DEVICE_STOP = "/v1/devices/{device_id}/stop"
COMMAND = "/v1/commands/{command_id}"
COMMAND_AUTHORISE = "/v1/commands/{command_id}/authorise"
COMMAND_ABORT = "/v1/commands/{command_id}/abort"

AUDIT = "/v1/audit"  # ?after=SEQ&limit=N
