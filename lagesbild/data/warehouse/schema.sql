-- The warehouse: built as a new file, never changed after it is published.
-- Codes are text (leading zeros matter). A withheld or missing value is a row with a status.

-- one row a fact about this vintage (vintage, schema_version, built_at, code_version)
CREATE TABLE meta (
    key   VARCHAR PRIMARY KEY,
    value VARCHAR NOT NULL
);

-- one row a document figures came from ("fetch" is a reserved word in DuckDB); sha256 names the bytes in the archive
CREATE TABLE provenance (
    fetch_id   VARCHAR PRIMARY KEY,
    source_id  VARCHAR NOT NULL,
    url        VARCHAR NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    sha256     VARCHAR NOT NULL,
    bytes      BIGINT NOT NULL,
    rows       BIGINT NOT NULL,
    licence    VARCHAR NOT NULL,
    note       VARCHAR,
    shipped    BOOLEAN NOT NULL DEFAULT false -- came with the program, not fetched by this installation
);

-- one row a municipality
CREATE TABLE municipality (
    code            VARCHAR PRIMARY KEY CHECK (length(code) = 4),
    name            VARCHAR NOT NULL,
    county_code     VARCHAR NOT NULL CHECK (length(county_code) = 2),
    county          VARCHAR NOT NULL,
    fetch_id        VARCHAR NOT NULL
);

-- one row a municipality (0000 = the country), year and kind:
-- year_end = 31 December, mean = mean of the year, the denominator of yearly rates
CREATE TABLE population (
    code       VARCHAR NOT NULL CHECK (length(code) = 4),
    year       INTEGER NOT NULL,
    kind       VARCHAR NOT NULL CHECK (kind IN ('year_end', 'mean')),
    basis      VARCHAR NOT NULL CHECK (basis IN ('published', 'recovered')),
    population DOUBLE NOT NULL CHECK (population > 0),
    fetch_id   VARCHAR NOT NULL,
    PRIMARY KEY (code, year, kind)
);

-- one row a municipality, year and characteristic used to find comparable municipalities
CREATE TABLE covariate (
    code     VARCHAR NOT NULL CHECK (length(code) = 4),
    year     INTEGER NOT NULL,
    name     VARCHAR NOT NULL,
    value    DOUBLE NOT NULL,
    fetch_id VARCHAR NOT NULL,
    PRIMARY KEY (code, year, name)
);

-- one row a locality (tätort) and year
CREATE TABLE locality (
    locality_code     VARCHAR NOT NULL,
    year              INTEGER NOT NULL,
    name              VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL CHECK (length(municipality_code) = 4),
    population        BIGINT,
    fetch_id          VARCHAR NOT NULL,
    PRIMARY KEY (locality_code, year)
);

-- one row an indicator; source_key is the source's own id, which may change
CREATE TABLE indicator (
    id            VARCHAR PRIMARY KEY,
    source_id     VARCHAR NOT NULL,
    source_key    VARCHAR NOT NULL,
    title_sv      VARCHAR NOT NULL,
    short_sv      VARCHAR NOT NULL,
    category      VARCHAR NOT NULL,
    kind          VARCHAR NOT NULL CHECK (kind IN ('reported', 'survey', 'model', 'respondents')),
    unit          VARCHAR NOT NULL,
    direction     VARCHAR NOT NULL CHECK (direction IN ('lower', 'higher', 'none')),
    definition_sv VARCHAR NOT NULL,
    fetch_id      VARCHAR NOT NULL
);

-- one row an indicator, area (municipality, 00NN = county, 0000 = country) and period
CREATE TABLE observation (
    indicator_id VARCHAR NOT NULL,
    code         VARCHAR NOT NULL CHECK (length(code) = 4),
    period_start DATE NOT NULL,
    period_kind  VARCHAR NOT NULL CHECK (period_kind IN ('year', 'quarter', 'month')),
    count        BIGINT CHECK (count >= 0),
    count_basis  VARCHAR CHECK (count_basis IN ('published', 'recovered', 'approximate')),
    rate         DOUBLE,
    lower        DOUBLE,
    upper        DOUBLE,
    exposure     DOUBLE, -- the persons behind a yearly rate of reported crimes, worked out after each load; NULL where unknown
    status       VARCHAR NOT NULL CHECK (status IN ('final', 'preliminary', 'suppressed', 'missing')),
    fetch_id     VARCHAR NOT NULL,
    PRIMARY KEY (indicator_id, code, period_start, period_kind),
    CHECK (status IN ('final', 'preliminary') OR (count IS NULL AND rate IS NULL)),
    CHECK (status NOT IN ('final', 'preliminary') OR count IS NOT NULL OR rate IS NOT NULL)
);

-- one row a figure that a newer one has replaced: the old figure, and when and by what it was replaced
CREATE TABLE revision (
    indicator_id VARCHAR NOT NULL,
    code         VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    period_kind  VARCHAR NOT NULL,
    count        BIGINT,
    rate         DOUBLE,
    status       VARCHAR NOT NULL,
    fetch_id     VARCHAR NOT NULL,
    replaced_at  TIMESTAMPTZ NOT NULL,
    replaced_by  VARCHAR NOT NULL,
    PRIMARY KEY (indicator_id, code, period_start, period_kind, fetch_id, replaced_by)
);

-- one row a crime type of BRÅ's tree; id is the indicator's where figures are loaded.
-- path: names from the root; valid_from, valid_to: years, where the type's name tells
CREATE TABLE crime_type (
    id         VARCHAR PRIMARY KEY,
    parent_id  VARCHAR,
    title_sv   VARCHAR NOT NULL,
    path       VARCHAR NOT NULL,
    level      INTEGER NOT NULL CHECK (level >= 0),
    valid_from INTEGER,
    valid_to   INTEGER,
    place      INTEGER NOT NULL, -- order in the tree
    monthly    BOOLEAN NOT NULL, -- published per municipality and month
    fetch_id   VARCHAR NOT NULL
);

-- one row a group and member; home_code is NULL for groups that are the same for all members
CREATE TABLE comparison_group (
    group_id    VARCHAR NOT NULL,
    kind        VARCHAR NOT NULL CHECK (kind IN ('kolada', 'skr')),
    theme       VARCHAR NOT NULL,
    title       VARCHAR NOT NULL,
    year        INTEGER,
    home_code   VARCHAR,
    member_code VARCHAR NOT NULL,
    fetch_id    VARCHAR NOT NULL,
    PRIMARY KEY (group_id, member_code)
);

-- one row a police notice; the notice's own text is never stored here.
-- event_hash: of title, summary and place; the same event is at times published under several ids:
-- same_as is then the id of the first, and such rows are counted nowhere
CREATE TABLE police_event (
    id              BIGINT PRIMARY KEY,
    occurred_at     TIMESTAMPTZ NOT NULL,
    published_at    TIMESTAMPTZ NOT NULL,
    type            VARCHAR NOT NULL,
    category        VARCHAR NOT NULL,
    kind            VARCHAR NOT NULL CHECK (kind IN ('event', 'information', 'summary')),
    code            VARCHAR CHECK (length(code) = 4),
    county_code     VARCHAR CHECK (length(county_code) = 2),
    locality        VARCHAR,
    precision       VARCHAR NOT NULL CHECK (precision IN ('locality', 'municipality', 'county', 'none')),
    url             VARCHAR NOT NULL,
    versions        INTEGER NOT NULL CHECK (versions >= 1),
    content_hash    VARCHAR NOT NULL,
    event_hash      VARCHAR NOT NULL,
    same_as         BIGINT,
    text_expires_on DATE NOT NULL,
    fetch_id        VARCHAR NOT NULL
);

-- one row a day (Swedish time) whose notices were asked for; collected: those published that day are
-- known to be all here. A day without a row was never asked for: missing, not zero
CREATE TABLE notice_day (
    day       DATE PRIMARY KEY,
    collected BOOLEAN NOT NULL,
    asked_at  TIMESTAMPTZ NOT NULL,
    fetch_id  VARCHAR NOT NULL
);

-- one row a municipality (NULL = only the county known), county, month, kind and category:
-- notices from before this installation began to collect, as shipped in the snapshot
CREATE TABLE police_month (
    code        VARCHAR,
    county_code VARCHAR,
    month       DATE NOT NULL,
    kind        VARCHAR NOT NULL,
    category    VARCHAR NOT NULL,
    notices     BIGINT NOT NULL,
    fetch_id    VARCHAR NOT NULL
);

-- one row a notice of the shipped home municipality: no id, no text
CREATE TABLE police_home (
    code        VARCHAR NOT NULL,
    day         DATE NOT NULL,
    hour        INTEGER NOT NULL,
    kind        VARCHAR NOT NULL,
    category    VARCHAR NOT NULL,
    locality    VARCHAR,
    fetch_id    VARCHAR NOT NULL
);

-- worked out from the rows above when they have changed, by the rule whose version is meta's 'verdicts';
-- empty until then: whoever reads works it out for itself

-- one row a measure of reported crimes and municipality that is left out (0000: none is): how much yearly counts
-- usually move, Var(2 sqrt n) = phi + tau2 n, learnt from so many pairs of years
CREATE TABLE dispersion (
    indicator_id VARCHAR NOT NULL,
    code         VARCHAR NOT NULL CHECK (length(code) = 4),
    phi          DOUBLE NOT NULL CHECK (phi >= 1),
    tau2         DOUBLE NOT NULL CHECK (tau2 >= 0),
    pairs        BIGINT NOT NULL,
    PRIMARY KEY (indicator_id, code)
);

-- one row a measure, municipality, kind of group and year: the level, and (for the newest year, placed) how rare the
-- distance to the group is; NULL where that cannot be worked out. The columns after placed are those of Standing
CREATE TABLE verdict (
    indicator_id VARCHAR NOT NULL,
    code         VARCHAR NOT NULL CHECK (length(code) = 4),
    group_key    VARCHAR NOT NULL,
    year         INTEGER NOT NULL,
    level        VARCHAR NOT NULL CHECK (level IN ('higher', 'lower', 'level', 'undecided')),
    placed       BOOLEAN NOT NULL,
    reference    DOUBLE,
    members      BIGINT,
    between_sd   DOUBLE,
    learnt_from  BIGINT,
    ratio        DOUBLE,
    distance_z   DOUBLE,
    p_value      DOUBLE CHECK (p_value BETWEEN 0 AND 1),
    usual_lower  DOUBLE,
    usual_upper  DOUBLE,
    far_lower    DOUBLE,
    far_upper    DOUBLE,
    outlying     DOUBLE
);
