CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE VIRTUAL TABLE complaint_words USING fts5(words, content='', detail=none, tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE case_words USING fts5(words, content='', detail=none, tokenize='unicode61 remove_diacritics 0');
CREATE TABLE acts (
	stream VARCHAR(128) NOT NULL, 
	version INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	act VARCHAR(32) NOT NULL, 
	what TEXT NOT NULL, 
	actor VARCHAR(64) NOT NULL, 
	actor_name TEXT NOT NULL, 
	actor_role VARCHAR(32) NOT NULL, 
	actor_office VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	subject VARCHAR(64) NOT NULL, 
	label TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_acts PRIMARY KEY (stream, version)
);
CREATE TABLE answer_drafts (
	link VARCHAR(64) NOT NULL, 
	fields_sealed TEXT NOT NULL, 
	expires DATETIME NOT NULL, 
	CONSTRAINT pk_answer_drafts PRIMARY KEY (link)
);
CREATE TABLE answers_awaited (
	complaint VARCHAR(64) NOT NULL, 
	invitation VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	due DATE NOT NULL, 
	CONSTRAINT pk_answers_awaited PRIMARY KEY (complaint)
);
CREATE TABLE approvals (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	subject VARCHAR(64) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	asker VARCHAR(64) NOT NULL, 
	asked DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	decided DATETIME, 
	CONSTRAINT pk_approvals PRIMARY KEY (id)
);
CREATE TABLE call_wishes (
	complaint VARCHAR(64) NOT NULL, 
	whom VARCHAR(32) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	number TEXT NOT NULL, 
	name TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_call_wishes PRIMARY KEY (complaint, whom)
);
CREATE TABLE case_collections (
	id VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	cases JSON NOT NULL, 
	CONSTRAINT pk_case_collections PRIMARY KEY (id)
);
CREATE TABLE case_cuts (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	paragraphs_sealed TEXT NOT NULL, 
	starts JSON NOT NULL, 
	left_out JSON NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_case_cuts PRIMARY KEY (id)
);
CREATE TABLE case_entries (
	place INTEGER NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	sample BOOLEAN NOT NULL, 
	industry VARCHAR(8) NOT NULL, 
	problem VARCHAR(32) NOT NULL, 
	articles TEXT NOT NULL, 
	event_date DATE NOT NULL, 
	claimed INTEGER, 
	settled INTEGER, 
	days INTEGER, 
	impacts BLOB NOT NULL, 
	tokens TEXT NOT NULL, 
	CONSTRAINT pk_case_entries PRIMARY KEY (place), 
	CONSTRAINT uq_case_entries_id UNIQUE (id)
);
CREATE TABLE case_index_head (
	id INTEGER NOT NULL, 
	making VARCHAR(128) NOT NULL, 
	cases INTEGER NOT NULL, 
	CONSTRAINT pk_case_index_head PRIMARY KEY (id)
);
CREATE TABLE case_notes (
	id VARCHAR(64) NOT NULL, 
	edition INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	changed DATETIME NOT NULL, 
	"by" TEXT NOT NULL, 
	CONSTRAINT pk_case_notes PRIMARY KEY (id)
);
CREATE TABLE case_originals (
	"case" VARCHAR(64) NOT NULL, 
	field VARCHAR(32) NOT NULL, 
	text_sealed TEXT NOT NULL, 
	changed DATETIME NOT NULL, 
	CONSTRAINT pk_case_originals PRIMARY KEY ("case", field)
);
CREATE TABLE case_terms (
	token VARCHAR(160) NOT NULL, 
	cases INTEGER NOT NULL, 
	CONSTRAINT pk_case_terms PRIMARY KEY (token)
)
 WITHOUT ROWID

;
CREATE TABLE cases (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	work VARCHAR(32) NOT NULL, 
	edition INTEGER NOT NULL, 
	sample BOOLEAN NOT NULL, 
	origin VARCHAR(32) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	title_zh TEXT NOT NULL, 
	title_en TEXT NOT NULL, 
	industry VARCHAR(8) NOT NULL, 
	problem VARCHAR(32) NOT NULL, 
	tags JSON NOT NULL, 
	articles JSON NOT NULL, 
	facts TEXT NOT NULL, 
	claims TEXT NOT NULL, 
	process TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	experience TEXT NOT NULL, 
	comment TEXT NOT NULL, 
	comment_by TEXT NOT NULL, 
	claimed BIGINT, 
	settled BIGINT, 
	days INTEGER, 
	event_date DATE NOT NULL, 
	begun DATETIME NOT NULL, 
	changed DATETIME NOT NULL, 
	published DATETIME, 
	CONSTRAINT pk_cases PRIMARY KEY (id)
);
CREATE TABLE clocks (
	kind VARCHAR(32) NOT NULL, 
	subject VARCHAR(64) NOT NULL, 
	code VARCHAR(32) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	due DATE NOT NULL, 
	clock JSON NOT NULL, 
	CONSTRAINT pk_clocks PRIMARY KEY (kind, subject, code)
);
CREATE TABLE codes (
	id VARCHAR(64) NOT NULL, 
	device VARCHAR(64) NOT NULL, 
	purpose VARCHAR(32) DEFAULT '' NOT NULL, 
	link VARCHAR(128) NOT NULL, 
	phone_hash VARCHAR(128) NOT NULL, 
	ip VARCHAR(64) NOT NULL, 
	code_hash VARCHAR(128) NOT NULL, 
	sent_at DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	spent_at DATETIME, 
	CONSTRAINT pk_codes PRIMARY KEY (id)
);
CREATE TABLE complaint_facts (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	problem VARCHAR(32) NOT NULL, 
	industry VARCHAR(32) NOT NULL, 
	counted BOOLEAN NOT NULL, 
	amount BIGINT NOT NULL, 
	recovered BIGINT NOT NULL, 
	received DATE NOT NULL, 
	accepted DATE, 
	refused DATE, 
	decided DATE, 
	settled DATE, 
	ended DATE, 
	concluded DATE, 
	handled DATE, 
	told DATE, 
	closed DATE, 
	lead DATE, 
	accept_due DATE, 
	mediate_due DATE, 
	tell_due DATE, 
	asked DATE, 
	answered DATE, 
	heard DATE, 
	rated DATE, 
	satisfied DATE, 
	decision_told DATE, 
	days_to_decision INTEGER, 
	days_to_handling INTEGER, 
	changed DATETIME NOT NULL, 
	division VARCHAR(6) DEFAULT '' NOT NULL, 
	street VARCHAR(32) DEFAULT '' NOT NULL, 
	industry_code VARCHAR(8) DEFAULT '' NOT NULL, 
	platform VARCHAR(64) DEFAULT '' NOT NULL, 
	respondent VARCHAR(24) DEFAULT '' NOT NULL, 
	age_band VARCHAR(32) DEFAULT '' NOT NULL, 
	travel INTEGER, 
	days_to_settlement INTEGER, 
	entered DATE, 
	dropped DATE, 
	dropped_as VARCHAR(32) DEFAULT '' NOT NULL, 
	mode VARCHAR(32) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_complaint_facts PRIMARY KEY (id)
);
CREATE TABLE complaints (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	received DATETIME NOT NULL, 
	title TEXT NOT NULL, 
	request TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	amount BIGINT, 
	industry TEXT NOT NULL, 
	problem TEXT NOT NULL, 
	law_order VARCHAR(32) NOT NULL, 
	consumer JSON NOT NULL, 
	business JSON NOT NULL, 
	consumer_title TEXT NOT NULL, 
	business_title TEXT NOT NULL, 
	deadlines JSON NOT NULL, 
	running VARCHAR(32) NOT NULL, 
	next_due DATE, 
	loss_recovered BIGINT NOT NULL, 
	promises_due DATETIME, 
	telling VARCHAR(32) DEFAULT '' NOT NULL, 
	place INTEGER, 
	problem_class VARCHAR(32) NOT NULL, 
	industry_code VARCHAR(32) NOT NULL, 
	division VARCHAR(32) NOT NULL, 
	phone_mark INTEGER, 
	code_mark INTEGER, 
	brand VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_complaints PRIMARY KEY (id), 
	CONSTRAINT uq_complaints_place UNIQUE (place)
);
CREATE TABLE consultations (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	title TEXT NOT NULL, 
	received DATETIME NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	answered DATE, 
	CONSTRAINT pk_consultations PRIMARY KEY (id)
);
CREATE TABLE consumer_warnings (
	spot VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	body TEXT NOT NULL, 
	edition INTEGER NOT NULL, 
	"by" TEXT NOT NULL, 
	changed DATETIME NOT NULL, 
	CONSTRAINT pk_consumer_warnings PRIMARY KEY (spot)
);
CREATE TABLE credential_changes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	process VARCHAR(64) NOT NULL, 
	officer VARCHAR(64) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	seat VARCHAR(64) NOT NULL
);
CREATE TABLE events (
	leaf INTEGER NOT NULL, 
	stream VARCHAR(128) NOT NULL, 
	version INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	type VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	actor_kind VARCHAR(32) NOT NULL, 
	actor_id VARCHAR(64) NOT NULL, 
	actor_name TEXT NOT NULL, 
	actor_role VARCHAR(32) NOT NULL, 
	actor_office VARCHAR(64) NOT NULL, 
	data JSON NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	content VARCHAR(128) NOT NULL, 
	hash VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (leaf), 
	CONSTRAINT uq_events_stream_version UNIQUE (stream, version)
);
CREATE TABLE fact_days (
	"of" VARCHAR(32) NOT NULL, 
	dim VARCHAR(32) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	value VARCHAR(64) NOT NULL, 
	days INTEGER NOT NULL, 
	count BIGINT NOT NULL, 
	CONSTRAINT pk_fact_days PRIMARY KEY ("of", dim, office, day, value, days)
)
 WITHOUT ROWID

;
CREATE TABLE fact_sums (
	level VARCHAR(1) NOT NULL, 
	dim VARCHAR(32) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	value VARCHAR(64) NOT NULL, 
	received BIGINT DEFAULT '0' NOT NULL, 
	accepted BIGINT DEFAULT '0' NOT NULL, 
	refused BIGINT DEFAULT '0' NOT NULL, 
	decided BIGINT DEFAULT '0' NOT NULL, 
	settled BIGINT DEFAULT '0' NOT NULL, 
	ended BIGINT DEFAULT '0' NOT NULL, 
	concluded BIGINT DEFAULT '0' NOT NULL, 
	handled BIGINT DEFAULT '0' NOT NULL, 
	told BIGINT DEFAULT '0' NOT NULL, 
	lead BIGINT DEFAULT '0' NOT NULL, 
	asked BIGINT DEFAULT '0' NOT NULL, 
	answered BIGINT DEFAULT '0' NOT NULL, 
	heard BIGINT DEFAULT '0' NOT NULL, 
	rated BIGINT DEFAULT '0' NOT NULL, 
	satisfied BIGINT DEFAULT '0' NOT NULL, 
	decision_told BIGINT DEFAULT '0' NOT NULL, 
	accept_due BIGINT DEFAULT '0' NOT NULL, 
	accept_due_done BIGINT DEFAULT '0' NOT NULL, 
	accept_due_kept BIGINT DEFAULT '0' NOT NULL, 
	mediate_due BIGINT DEFAULT '0' NOT NULL, 
	mediate_due_done BIGINT DEFAULT '0' NOT NULL, 
	mediate_due_kept BIGINT DEFAULT '0' NOT NULL, 
	tell_due BIGINT DEFAULT '0' NOT NULL, 
	tell_due_done BIGINT DEFAULT '0' NOT NULL, 
	tell_due_kept BIGINT DEFAULT '0' NOT NULL, 
	accepted_settled BIGINT DEFAULT '0' NOT NULL, 
	asked_answered BIGINT DEFAULT '0' NOT NULL, 
	amount BIGINT DEFAULT '0' NOT NULL, 
	recovered BIGINT DEFAULT '0' NOT NULL, 
	travel BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_fact_sums PRIMARY KEY (level, dim, office, day, value)
)
 WITHOUT ROWID

;
CREATE TABLE facts_waiting (
	id VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_facts_waiting PRIMARY KEY (id)
)
 WITHOUT ROWID

;
CREATE TABLE holiday_notices (
	office VARCHAR(64) NOT NULL, 
	year INTEGER NOT NULL, 
	days_off JSON NOT NULL, 
	days_worked JSON NOT NULL, 
	entered DATETIME NOT NULL, 
	entered_by TEXT NOT NULL, 
	CONSTRAINT pk_holiday_notices PRIMARY KEY (office, year)
);
CREATE TABLE hotspots (
	id VARCHAR(64) NOT NULL, 
	scope VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	stage VARCHAR(32) NOT NULL, 
	day DATE NOT NULL, 
	since DATE NOT NULL, 
	lead VARCHAR(64) NOT NULL, 
	acted DATE, 
	changed DATETIME NOT NULL, 
	CONSTRAINT pk_hotspots PRIMARY KEY (id)
);
CREATE TABLE import_batches (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	source VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 VARCHAR(128) NOT NULL, 
	mapping JSON NOT NULL, 
	"by" JSON NOT NULL, 
	created DATETIME NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	last_row INTEGER NOT NULL, 
	taken INTEGER NOT NULL, 
	updated INTEGER NOT NULL, 
	duplicate INTEGER NOT NULL, 
	refused INTEGER NOT NULL, 
	apart INTEGER DEFAULT '0' NOT NULL, 
	error JSON, 
	ended DATETIME, 
	undone DATETIME, 
	CONSTRAINT pk_import_batches PRIMARY KEY (id)
);
CREATE TABLE import_rows (
	batch VARCHAR(64) NOT NULL, 
	"row" INTEGER NOT NULL, 
	outcome VARCHAR(32) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	number VARCHAR(80) NOT NULL, 
	problems JSON, 
	cells_sealed TEXT, 
	CONSTRAINT pk_import_rows PRIMARY KEY (batch, "row")
)
 WITHOUT ROWID

;
CREATE TABLE industries (
	code VARCHAR(8) NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT pk_industries PRIMARY KEY (code)
);
CREATE TABLE insight_reports (
	scope VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	made DATETIME NOT NULL, 
	took_ms INTEGER NOT NULL, 
	rows INTEGER NOT NULL, 
	body JSON NOT NULL, 
	CONSTRAINT pk_insight_reports PRIMARY KEY (scope, day)
);
CREATE TABLE insight_words (
	office VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	rows INTEGER NOT NULL, 
	terms BLOB NOT NULL, 
	CONSTRAINT pk_insight_words PRIMARY KEY (office, day)
);
CREATE TABLE jurisdictions (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	divisions JSON NOT NULL, 
	words JSON NOT NULL, 
	CONSTRAINT pk_jurisdictions PRIMARY KEY (id)
);
CREATE TABLE law_texts (
	statute VARCHAR(40) NOT NULL, 
	since DATE NOT NULL, 
	number INTEGER NOT NULL, 
	suffix INTEGER NOT NULL, 
	until DATE, 
	title TEXT NOT NULL, 
	chapter TEXT NOT NULL, 
	text TEXT NOT NULL, 
	imported DATETIME NOT NULL, 
	CONSTRAINT pk_law_texts PRIMARY KEY (statute, since, number, suffix)
);
CREATE TABLE lead_records (
	lead VARCHAR(64) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_lead_records PRIMARY KEY (lead, complaint)
);
CREATE TABLE leads (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	origin VARCHAR(32) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	title TEXT NOT NULL, 
	found DATETIME NOT NULL, 
	due DATE, 
	clock JSON NOT NULL, 
	owner VARCHAR(64) DEFAULT '' NOT NULL, 
	owner_name TEXT DEFAULT '' NOT NULL, 
	outcome VARCHAR(32) DEFAULT '' NOT NULL, 
	decided DATETIME, 
	acted DATE, 
	respondent VARCHAR(32) DEFAULT '' NOT NULL, 
	spot VARCHAR(64) DEFAULT '' NOT NULL, 
	channel VARCHAR(32) DEFAULT '' NOT NULL, 
	informant VARCHAR(32) DEFAULT '' NOT NULL, 
	informant_key VARCHAR(64) DEFAULT '' NOT NULL, 
	about_core TEXT, 
	joined_into VARCHAR(64) DEFAULT '' NOT NULL, 
	in_time BOOLEAN, 
	CONSTRAINT pk_leads PRIMARY KEY (id)
);
CREATE TABLE links (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	seat VARCHAR(64) NOT NULL, 
	secret_hash VARCHAR(128) NOT NULL, 
	secret_sealed TEXT NOT NULL, 
	phone_sealed TEXT NOT NULL, 
	phone_masked VARCHAR(32) NOT NULL, 
	created DATETIME NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	expires DATETIME NOT NULL, 
	revoked_at DATETIME, 
	revoked_reason TEXT NOT NULL, 
	opened_at DATETIME, 
	used_at DATETIME, 
	used_by VARCHAR(64), 
	CONSTRAINT pk_links PRIMARY KEY (id), 
	CONSTRAINT uq_links_secret_hash UNIQUE (secret_hash)
);
CREATE TABLE log_checkpoints (
	size INTEGER NOT NULL, 
	made DATETIME NOT NULL, 
	note TEXT NOT NULL, 
	CONSTRAINT pk_log_checkpoints PRIMARY KEY (size)
);
CREATE TABLE log_head (
	id INTEGER NOT NULL, 
	size INTEGER NOT NULL, 
	peaks BLOB NOT NULL, 
	CONSTRAINT pk_log_head PRIMARY KEY (id)
);
CREATE TABLE log_nodes (
	level INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	hash BLOB NOT NULL, 
	CONSTRAINT pk_log_nodes PRIMARY KEY (level, number)
);
CREATE TABLE marks_coming (
	complaint VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	mark INTEGER NOT NULL, 
	CONSTRAINT pk_marks_coming PRIMARY KEY (complaint, kind, mark)
)
 WITHOUT ROWID

;
CREATE TABLE mediation_measures (
	session VARCHAR(64) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	mediator VARCHAR(64) NOT NULL, 
	closed DATETIME NOT NULL, 
	outcome VARCHAR(32) NOT NULL, 
	settled INTEGER NOT NULL, 
	together INTEGER NOT NULL, 
	length INTEGER NOT NULL, 
	private INTEGER NOT NULL, 
	consumer INTEGER NOT NULL, 
	business INTEGER NOT NULL, 
	lost INTEGER NOT NULL, 
	withdrawn INTEGER, 
	respondent VARCHAR(32) NOT NULL, 
	gone BOOLEAN NOT NULL, 
	CONSTRAINT pk_mediation_measures PRIMARY KEY (session)
);
CREATE TABLE messages (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	to_sealed TEXT NOT NULL, 
	to_masked VARCHAR(32) NOT NULL, 
	text_sealed TEXT NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	tries INTEGER NOT NULL, 
	next_try DATETIME NOT NULL, 
	last_error TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	sent_at DATETIME, 
	complaint VARCHAR(64) DEFAULT '' NOT NULL, 
	lead VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (id)
);
CREATE TABLE offices (
	id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	short TEXT NOT NULL, 
	phone VARCHAR(32) NOT NULL, 
	number_prefix VARCHAR(32) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	intake BOOLEAN DEFAULT 0 NOT NULL, 
	authority TEXT DEFAULT '' NOT NULL, 
	address TEXT DEFAULT '' NOT NULL, 
	signature TEXT DEFAULT '' NOT NULL, 
	mediation_seal TEXT DEFAULT '调解专用章' NOT NULL, 
	CONSTRAINT pk_offices PRIMARY KEY (id)
);
CREATE TABLE plan_places (
	office VARCHAR(64) NOT NULL, 
	period VARCHAR(32) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	place INTEGER NOT NULL, 
	reasons VARCHAR(160) NOT NULL, 
	aside TEXT NOT NULL, 
	CONSTRAINT pk_plan_places PRIMARY KEY (office, period, session)
);
CREATE TABLE plans (
	office VARCHAR(64) NOT NULL, 
	period VARCHAR(32) NOT NULL, 
	made DATETIME NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	population INTEGER NOT NULL, 
	drawn INTEGER NOT NULL, 
	edition INTEGER NOT NULL, 
	CONSTRAINT pk_plans PRIMARY KEY (office, period)
);
CREATE TABLE promises (
	session VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	complaint_number TEXT NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	respondent VARCHAR(24) NOT NULL, 
	business TEXT NOT NULL, 
	who VARCHAR(32) NOT NULL, 
	action TEXT NOT NULL, 
	amount BIGINT, 
	due DATE NOT NULL, 
	kept DATE, 
	reminded BOOLEAN NOT NULL, 
	paid VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_promises PRIMARY KEY (session, number)
);
CREATE TABLE public_bulletins (
	kind VARCHAR(32) NOT NULL, 
	first DATE NOT NULL, 
	scope VARCHAR(64) NOT NULL, 
	last DATE NOT NULL, 
	edition INTEGER NOT NULL, 
	number VARCHAR(32) NOT NULL, 
	office_name TEXT NOT NULL, 
	issued DATETIME NOT NULL, 
	papers VARCHAR(64) NOT NULL, 
	prints JSON NOT NULL, 
	withdrawn TEXT NOT NULL, 
	withdrawn_at DATETIME, 
	CONSTRAINT pk_public_bulletins PRIMARY KEY (kind, first, scope)
);
CREATE TABLE public_warnings (
	id VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	body TEXT NOT NULL, 
	language VARCHAR(32) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	office_name TEXT NOT NULL, 
	published DATETIME NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	withdrawn TEXT NOT NULL, 
	withdrawn_at DATETIME, 
	CONSTRAINT pk_public_warnings PRIMARY KEY (id)
);
CREATE TABLE respondent_conduct (
	complaint VARCHAR(64) NOT NULL, 
	willing VARCHAR(32) NOT NULL, 
	held INTEGER NOT NULL, 
	away BOOLEAN NOT NULL, 
	promised DATE, 
	kept DATE, 
	CONSTRAINT pk_respondent_conduct PRIMARY KEY (complaint)
);
CREATE TABLE respondent_joins (
	member VARCHAR(24) NOT NULL, 
	head VARCHAR(24) NOT NULL, 
	changed DATETIME NOT NULL, 
	"by" TEXT NOT NULL, 
	CONSTRAINT pk_respondent_joins PRIMARY KEY (member)
);
CREATE TABLE respondent_marks (
	mark INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_respondent_marks PRIMARY KEY (mark, kind, complaint)
)
 WITHOUT ROWID

;
CREATE TABLE review_drafts (
	session VARCHAR(64) NOT NULL, 
	officer VARCHAR(64) NOT NULL, 
	fields JSON NOT NULL, 
	changed DATETIME NOT NULL, 
	CONSTRAINT pk_review_drafts PRIMARY KEY (session, officer)
);
CREATE TABLE reviews (
	session VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	mediator VARCHAR(64) NOT NULL, 
	outcome VARCHAR(32) NOT NULL, 
	period VARCHAR(32) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	reviewer VARCHAR(64) NOT NULL, 
	reviewer_name TEXT NOT NULL, 
	opinion_of VARCHAR(64) NOT NULL, 
	findings INTEGER NOT NULL, 
	praises INTEGER NOT NULL, 
	worst VARCHAR(32) NOT NULL, 
	training BOOLEAN NOT NULL, 
	opened DATETIME NOT NULL, 
	handed_on DATETIME, 
	closed DATETIME, 
	changed DATETIME NOT NULL, 
	CONSTRAINT pk_reviews PRIMARY KEY (session)
);
CREATE TABLE sessions (
	id VARCHAR(64) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	ordinal INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	mediator VARCHAR(64) NOT NULL, 
	mediator_name TEXT NOT NULL, 
	starts DATETIME NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	opened DATETIME, 
	closed DATETIME, 
	outcome VARCHAR(32) NOT NULL, 
	loss_recovered BIGINT NOT NULL, 
	performing BOOLEAN NOT NULL, 
	promises_due DATETIME, 
	consumer TEXT NOT NULL, 
	business TEXT NOT NULL, 
	joint_ms INTEGER NOT NULL, 
	seats JSON NOT NULL, 
	mode VARCHAR(32) DEFAULT 'video' NOT NULL, 
	place TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id)
);
CREATE TABLE short_tickets (
	secret_hash VARCHAR(128) NOT NULL, 
	ticket_sealed TEXT NOT NULL, 
	ends DATETIME NOT NULL, 
	CONSTRAINT pk_short_tickets PRIMARY KEY (secret_hash)
);
CREATE TABLE sign_in_guesses (
	login VARCHAR(128) NOT NULL, 
	failures INTEGER NOT NULL, 
	locked_until DATETIME, 
	last DATETIME NOT NULL, 
	CONSTRAINT pk_sign_in_guesses PRIMARY KEY (login)
);
CREATE TABLE sign_ins (
	id VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	ip VARCHAR(64) NOT NULL, 
	agent TEXT NOT NULL, 
	browser VARCHAR(128) NOT NULL, 
	result VARCHAR(32) NOT NULL, 
	token_hash VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_sign_ins PRIMARY KEY (id)
);
CREATE TABLE source_numbers (
	office VARCHAR(64) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	number VARCHAR(80) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_source_numbers PRIMARY KEY (office, channel, number)
)
 WITHOUT ROWID

;
CREATE TABLE window_counts (
	day DATE NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	files INTEGER NOT NULL, 
	size BIGINT NOT NULL, 
	CONSTRAINT pk_window_counts PRIMARY KEY (day, kind, "key")
);
CREATE TABLE window_visits (
	id VARCHAR(64) NOT NULL, 
	token_hash VARCHAR(128) NOT NULL, 
	purpose VARCHAR(32) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	bound VARCHAR(128) NOT NULL, 
	phone_sealed TEXT NOT NULL, 
	phone_masked VARCHAR(32) NOT NULL, 
	phone_hash VARCHAR(128) NOT NULL, 
	draft_sealed TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	verified_at DATETIME, 
	CONSTRAINT pk_window_visits PRIMARY KEY (id), 
	CONSTRAINT uq_window_visits_token_hash UNIQUE (token_hash)
);
CREATE TABLE devices (
	id VARCHAR(64) NOT NULL, 
	token_hash VARCHAR(128) NOT NULL, 
	link VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	verified_at DATETIME, 
	vouched_at DATETIME, 
	ended_at DATETIME, 
	CONSTRAINT pk_devices PRIMARY KEY (id), 
	CONSTRAINT fk_devices_link_links FOREIGN KEY(link) REFERENCES links (id), 
	CONSTRAINT uq_devices_token_hash UNIQUE (token_hash)
);
CREATE TABLE hooks (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_hooks PRIMARY KEY (id), 
	CONSTRAINT fk_hooks_office_offices FOREIGN KEY(office) REFERENCES offices (id)
);
CREATE TABLE intake_senders (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	secret TEXT NOT NULL, 
	"before" TEXT, 
	before_until DATETIME, 
	created DATETIME NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT pk_intake_senders PRIMARY KEY (id), 
	CONSTRAINT fk_intake_senders_office_offices FOREIGN KEY(office) REFERENCES offices (id)
);
CREATE TABLE log_attestations (
	size INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	place VARCHAR(512) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	tries INTEGER NOT NULL, 
	next_try DATETIME NOT NULL, 
	last_error TEXT NOT NULL, 
	got_at DATETIME, 
	answer BLOB, 
	CONSTRAINT pk_log_attestations PRIMARY KEY (size, kind, place), 
	CONSTRAINT fk_log_attestations_size_log_checkpoints FOREIGN KEY(size) REFERENCES log_checkpoints (size)
);
CREATE TABLE office_series (
	office VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	words TEXT NOT NULL, 
	CONSTRAINT pk_office_series PRIMARY KEY (office, kind), 
	CONSTRAINT fk_office_series_office_offices FOREIGN KEY(office) REFERENCES offices (id)
);
CREATE TABLE system_tokens (
	id VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	scopes VARCHAR(128) NOT NULL, 
	token_hash VARCHAR(128) NOT NULL, 
	created DATETIME NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	officer VARCHAR(64) DEFAULT '' NOT NULL, 
	expires DATETIME, 
	CONSTRAINT pk_system_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_system_tokens_office_offices FOREIGN KEY(office) REFERENCES offices (id), 
	CONSTRAINT uq_system_tokens_token_hash UNIQUE (token_hash)
);
CREATE TABLE users (
	id VARCHAR(64) NOT NULL, 
	login VARCHAR(128) NOT NULL, 
	name TEXT NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	password_hash TEXT NOT NULL, 
	totp_sealed TEXT NOT NULL, 
	totp_pending_sealed TEXT NOT NULL, 
	totp_step INTEGER NOT NULL, 
	language VARCHAR(32) NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT fk_users_office_offices FOREIGN KEY(office) REFERENCES offices (id), 
	CONSTRAINT uq_users_login UNIQUE (login)
);
CREATE TABLE account_limits (
	user VARCHAR(64) NOT NULL, 
	closed DATETIME, 
	"temporary" BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_account_limits PRIMARY KEY (user), 
	CONSTRAINT fk_account_limits_user_users FOREIGN KEY(user) REFERENCES users (id)
);
CREATE TABLE hook_deliveries (
	id VARCHAR(64) NOT NULL, 
	hook VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	event VARCHAR(64) NOT NULL, 
	number VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	next_try DATETIME NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	tries INTEGER NOT NULL, 
	last_error TEXT NOT NULL, 
	sent_at DATETIME, 
	CONSTRAINT pk_hook_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_hook_deliveries_hook_hooks FOREIGN KEY(hook) REFERENCES hooks (id)
);
CREATE TABLE intake_requests (
	sender VARCHAR(64) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	digest VARCHAR(128) NOT NULL, 
	signature VARCHAR(128) NOT NULL, 
	batch VARCHAR(64) NOT NULL, 
	answer JSON, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_intake_requests PRIMARY KEY (sender, "key"), 
	CONSTRAINT fk_intake_requests_sender_intake_senders FOREIGN KEY(sender) REFERENCES intake_senders (id), 
	CONSTRAINT uq_intake_requests_sender_signature UNIQUE (sender, signature)
);
CREATE TABLE known_browsers (
	user VARCHAR(64) NOT NULL, 
	browser VARCHAR(128) NOT NULL, 
	first DATETIME NOT NULL, 
	last DATETIME NOT NULL, 
	failures INTEGER NOT NULL, 
	locked_until DATETIME, 
	CONSTRAINT pk_known_browsers PRIMARY KEY (user, browser), 
	CONSTRAINT fk_known_browsers_user_users FOREIGN KEY(user) REFERENCES users (id)
);
CREATE TABLE mediator_notes (
	session VARCHAR(64) NOT NULL, 
	officer VARCHAR(64) NOT NULL, 
	edition INTEGER NOT NULL, 
	sealed TEXT NOT NULL, 
	changed DATETIME NOT NULL, 
	CONSTRAINT pk_mediator_notes PRIMARY KEY (session, officer), 
	CONSTRAINT fk_mediator_notes_officer_users FOREIGN KEY(officer) REFERENCES users (id), 
	CONSTRAINT fk_mediator_notes_session_sessions FOREIGN KEY(session) REFERENCES sessions (id)
);
CREATE TABLE office_oversight (
	supervisor VARCHAR(64) NOT NULL, 
	office VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_office_oversight PRIMARY KEY (supervisor, office), 
	CONSTRAINT fk_office_oversight_office_offices FOREIGN KEY(office) REFERENCES offices (id), 
	CONSTRAINT fk_office_oversight_supervisor_users FOREIGN KEY(supervisor) REFERENCES users (id)
);
CREATE TABLE officer_phones (
	officer VARCHAR(64) NOT NULL, 
	phone_sealed TEXT NOT NULL, 
	CONSTRAINT pk_officer_phones PRIMARY KEY (officer), 
	CONSTRAINT fk_officer_phones_officer_users FOREIGN KEY(officer) REFERENCES users (id)
);
CREATE TABLE officer_sessions (
	token_hash VARCHAR(128) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	seen DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	CONSTRAINT pk_officer_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_officer_sessions_user_users FOREIGN KEY(user) REFERENCES users (id)
);
CREATE TABLE recovery_codes (
	user VARCHAR(64) NOT NULL, 
	code_hash VARCHAR(128) NOT NULL, 
	made DATETIME NOT NULL, 
	CONSTRAINT pk_recovery_codes PRIMARY KEY (user, code_hash), 
	CONSTRAINT fk_recovery_codes_user_users FOREIGN KEY(user) REFERENCES users (id)
);
CREATE TABLE system_requests (
	token VARCHAR(64) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	digest VARCHAR(128) NOT NULL, 
	complaint VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_system_requests PRIMARY KEY (token, "key"), 
	CONSTRAINT fk_system_requests_token_system_tokens FOREIGN KEY(token) REFERENCES system_tokens (id)
);
CREATE INDEX ix_acts_actor_act_at ON acts (actor, act, at);
CREATE INDEX ix_acts_actor_office_at ON acts (actor_office, at);
CREATE INDEX ix_acts_office_at ON acts (office, at);
CREATE INDEX ix_answer_drafts_expires ON answer_drafts (expires);
CREATE INDEX ix_answers_awaited_due ON answers_awaited (due);
CREATE INDEX ix_approvals_office_state_asked ON approvals (office, state, asked);
CREATE INDEX ix_call_wishes_office ON call_wishes (office);
CREATE INDEX ix_case_cuts_office_at ON case_cuts (office, at);
CREATE INDEX ix_cases_complaint ON cases (complaint);
CREATE INDEX ix_cases_office_work_changed ON cases (office, work, changed);
CREATE INDEX ix_cases_state_published ON cases (state, published);
CREATE INDEX ix_clocks_office_due ON clocks (office, due);
CREATE INDEX ix_codes_device_sent_at ON codes (device, sent_at);
CREATE INDEX ix_codes_ip_sent_at ON codes (ip, sent_at);
CREATE INDEX ix_codes_link_sent_at ON codes (link, sent_at);
CREATE INDEX ix_codes_phone_hash_sent_at ON codes (phone_hash, sent_at);
CREATE INDEX ix_complaint_facts_changed ON complaint_facts (changed);
CREATE INDEX ix_complaint_facts_office_accept_due ON complaint_facts (office, accept_due, counted) WHERE accept_due IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_accepted ON complaint_facts (office, accepted, counted) WHERE accepted IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_answered ON complaint_facts (office, answered, counted) WHERE answered IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_asked ON complaint_facts (office, asked, counted) WHERE asked IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_concluded ON complaint_facts (office, concluded, counted) WHERE concluded IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_decided ON complaint_facts (office, decided, counted) WHERE decided IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_decision_told ON complaint_facts (office, decision_told, counted) WHERE decision_told IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_ended ON complaint_facts (office, ended, counted) WHERE ended IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_handled ON complaint_facts (office, handled, counted) WHERE handled IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_heard ON complaint_facts (office, heard, counted) WHERE heard IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_lead ON complaint_facts (office, lead, counted) WHERE lead IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_mediate_due ON complaint_facts (office, mediate_due, counted) WHERE mediate_due IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_rated ON complaint_facts (office, rated, counted) WHERE rated IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_received ON complaint_facts (office, received, counted);
CREATE INDEX ix_complaint_facts_office_refused ON complaint_facts (office, refused, counted) WHERE refused IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_satisfied ON complaint_facts (office, satisfied, counted) WHERE satisfied IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_settled ON complaint_facts (office, settled, counted) WHERE settled IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_tell_due ON complaint_facts (office, tell_due, counted) WHERE tell_due IS NOT NULL;
CREATE INDEX ix_complaint_facts_office_told ON complaint_facts (office, told, counted) WHERE told IS NOT NULL;
CREATE INDEX ix_complaint_facts_respondent_received ON complaint_facts (respondent, received);
CREATE INDEX ix_complaint_facts_unmade ON complaint_facts (id) WHERE entered IS NULL;
CREATE INDEX ix_complaints_office_brand_place ON complaints (office, brand, place);
CREATE INDEX ix_complaints_office_code_mark_place ON complaints (office, code_mark, place);
CREATE INDEX ix_complaints_office_next_due_place ON complaints (office, next_due, place);
CREATE INDEX ix_complaints_office_number ON complaints (office, number);
CREATE INDEX ix_complaints_office_phone_mark ON complaints (office, phone_mark);
CREATE INDEX ix_complaints_office_place ON complaints (office, place);
CREATE INDEX ix_complaints_office_state_next_due ON complaints (office, state, next_due);
CREATE INDEX ix_complaints_office_telling_next_due ON complaints (office, telling, next_due) WHERE telling <> '';
CREATE INDEX ix_consultations_office_state_received ON consultations (office, state, received);
CREATE INDEX ix_hotspots_lead ON hotspots (lead);
CREATE INDEX ix_hotspots_scope_day ON hotspots (scope, day);
CREATE INDEX ix_import_batches_office_created ON import_batches (office, created);
CREATE INDEX ix_import_rows_batch_outcome ON import_rows (batch, outcome);
CREATE INDEX ix_jurisdictions_office ON jurisdictions (office);
CREATE INDEX ix_lead_records_complaint ON lead_records (complaint);
CREATE INDEX ix_leads_complaint ON leads (complaint);
CREATE INDEX ix_leads_informant_key ON leads (office, informant_key);
CREATE INDEX ix_leads_office_state_due ON leads (office, state, due);
CREATE INDEX ix_leads_origin ON leads (office, origin, found);
CREATE INDEX ix_leads_respondent ON leads (respondent);
CREATE INDEX ix_links_session_seat ON links (session, seat);
CREATE UNIQUE INDEX uq_links_standing ON links (session, seat) WHERE revoked_at IS NULL;
CREATE INDEX ix_mediation_measures_complaint ON mediation_measures (complaint);
CREATE INDEX ix_mediation_measures_mediator_closed ON mediation_measures (mediator, closed);
CREATE INDEX ix_mediation_measures_office_closed ON mediation_measures (office, closed);
CREATE INDEX ix_mediation_measures_office_respondent_closed ON mediation_measures (office, respondent, closed);
CREATE INDEX ix_messages_office_created ON messages (office, created);
CREATE INDEX ix_messages_state_next_try ON messages (state, next_try);
CREATE INDEX ix_plan_places_session ON plan_places (session);
CREATE INDEX ix_promises_complaint ON promises (complaint);
CREATE INDEX ix_promises_office_due ON promises (office, due);
CREATE INDEX ix_promises_respondent ON promises (respondent);
CREATE INDEX ix_public_bulletins_issued ON public_bulletins (issued);
CREATE INDEX ix_public_warnings_published ON public_warnings (published);
CREATE INDEX ix_respondent_joins_head ON respondent_joins (head);
CREATE INDEX ix_reviews_mediator_changed ON reviews (mediator, changed);
CREATE INDEX ix_reviews_office_changed ON reviews (office, changed);
CREATE INDEX ix_reviews_office_state_changed ON reviews (office, state, changed);
CREATE INDEX ix_reviews_opinion_of_state ON reviews (opinion_of, state);
CREATE INDEX ix_reviews_reviewer_state_changed ON reviews (reviewer, state, changed);
CREATE INDEX ix_sessions_complaint ON sessions (complaint);
CREATE INDEX ix_sessions_office_mediator_mediator_name_opened ON sessions (office, mediator, mediator_name, opened);
CREATE INDEX ix_sessions_office_starts ON sessions (office, starts);
CREATE INDEX ix_sessions_office_status ON sessions (office, status);
CREATE INDEX ix_sessions_records ON sessions (office, opened, id, mediator, outcome, joint_ms);
CREATE INDEX ix_short_tickets_ends ON short_tickets (ends);
CREATE INDEX ix_sign_in_guesses_last ON sign_in_guesses (last);
CREATE INDEX ix_sign_ins_at ON sign_ins (at);
CREATE INDEX ix_sign_ins_token_hash ON sign_ins (token_hash);
CREATE INDEX ix_sign_ins_user_at ON sign_ins (user, at);
CREATE INDEX ix_source_numbers_complaint ON source_numbers (complaint);
CREATE INDEX ix_window_visits_expires ON window_visits (expires);
CREATE INDEX ix_devices_link ON devices (link);
CREATE INDEX ix_hooks_office ON hooks (office);
CREATE INDEX ix_intake_senders_office ON intake_senders (office);
CREATE INDEX ix_log_attestations_state_next_try ON log_attestations (state, next_try);
CREATE INDEX ix_system_tokens_office ON system_tokens (office);
CREATE INDEX ix_users_office ON users (office);
CREATE INDEX ix_hook_deliveries_office_state_created ON hook_deliveries (office, state, created);
CREATE INDEX ix_hook_deliveries_state_next_try ON hook_deliveries (state, next_try);
CREATE INDEX ix_officer_sessions_expires ON officer_sessions (expires);
CREATE INDEX ix_officer_sessions_user ON officer_sessions (user);
INSERT INTO "alembic_version" VALUES ('0001_version_0_2_0');
INSERT INTO "events" VALUES (0, 'journal/saved', 1, 'journal', 'Said', '2026-11-29 08:00:00.000000', 'system', 'system', '云调', '', '', '{"text":"第一条"}', 'db9c433dea1c3411776e7abc1848ba53', '8aa57b40d83506e1570b0f67d93b13cc6be9f76fbce54098df8b35b463d2150d', 'd033369e52109b57cc10363cad4a863118e3b6f82d478968b8b349e3538372b6');
INSERT INTO "events" VALUES (1, 'journal/saved', 2, 'journal', 'Said', '2026-11-29 08:00:00.000000', 'system', 'system', '云调', '', '', '{"text":"第二条"}', '09dcc4122b6f2126f23c236b26f17604', '3bf6053da3d442bbf48185091da6a84568295536c03a5f5f8d4c2fa6a7e5e7c6', '16bbb7672bc1b280689a351bb05497c0cc657d859ea7632b32121acd91c7dcc9');
INSERT INTO "events" VALUES (2, 'journal/saved', 3, 'journal', 'Said', '2026-11-29 08:00:00.000000', 'system', 'system', '云调', '', '', '{"text":"第三条"}', '865ce0bf1a599fbaa1f69918f4210b80', '0d4dbed40e49bbca4005f2ef49f81345d7c4c3fcd5aa280e878e24dd7b03d0ae', 'b26f1c1e64e5bcc868da562b9df46ad17cbfb7f50bd82cbe39939c7e3ab12fae');
INSERT INTO "log_head" VALUES (1, 3, X'2285E9745D813714FA20EC9179F2FFC13E4A997BA9CD0570F73F546047C5561156876120989928256167FD57A70409DE5E1EBB41540C7746962910EA0A293965');
INSERT INTO "offices" VALUES ('o1', '东湖高新区市场监管一所', '一所', '027-6000', '东高一投', 'Asia/Shanghai', 0, '', '', '', '调解专用章');
INSERT INTO "users" VALUES ('u1', 'admin', '何管', 'administrator', 'o1', 'argon2', '', '', 0, 'zh', '2026-11-29 08:00:00.000000');
