\set ECHO none
-- What a verifier does with receipts, bundles and proofs, in plain SQL from the texts of RFC 6962 and RFC 9901; included with \i, not shown.
SET client_min_messages = warning;
CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION test.b64(text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN decode($1, 'base64');
CREATE FUNCTION test.b64u(text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN decode(translate($1, '-_', '+/') || repeat('=', (4 - length($1) % 4) % 4), 'base64');
CREATE FUNCTION test.digest(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN rtrim(translate(encode(sha256($1::bytea), 'base64'), '+/', '-_'), '=');
CREATE FUNCTION test.leaf_of(text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN sha256('\x00'::bytea || convert_to($1, 'UTF8'));
-- PATH(m, D[n]) of RFC 6962, 2.1.1, read backwards: the root to which the path of leaf m leads.
CREATE FUNCTION test.root_of(leaf bytea, m bigint, n bigint, path bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  k bigint := 1;
  last bytea := path[cardinality(path)];
  rest bytea[] := path[:cardinality(path) - 1];
BEGIN
  IF n = 1 THEN RETURN CASE WHEN cardinality(path) = 0 THEN leaf END; END IF;
  IF cardinality(path) = 0 THEN RETURN NULL; END IF;
  WHILE k * 2 < n LOOP k := k * 2; END LOOP;
  IF m < k THEN RETURN sha256('\x01'::bytea || test.root_of(leaf, m, k, rest) || last); END IF;
  RETURN sha256('\x01'::bytea || last || test.root_of(leaf, m - k, n - k, rest));
END $$;
-- PROOF(m, D[n]) of 2.1.2: the roots of the old and the new log to which it leads, the old one given where the proof leaves it out.
CREATE FUNCTION test.roots_of(m bigint, n bigint, path bytea[], whole boolean, old_root bytea, OUT old bytea, OUT new bytea) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  k bigint := 1;
  last bytea := path[cardinality(path)];
  rest bytea[] := path[:cardinality(path) - 1];
  inner_old bytea;
  inner_new bytea;
BEGIN
  IF m = n THEN
    old := CASE WHEN whole THEN old_root ELSE last END;
    new := old;
    RETURN;
  END IF;
  WHILE k * 2 < n LOOP k := k * 2; END LOOP;
  IF m <= k THEN
    SELECT * INTO inner_old, inner_new FROM test.roots_of(m, k, rest, whole, old_root);
    old := inner_old;
    new := sha256('\x01'::bytea || inner_new || last);
  ELSE
    SELECT * INTO inner_old, inner_new FROM test.roots_of(m - k, n - k, rest, false, old_root);
    old := sha256('\x01'::bytea || last || inner_old);
    new := sha256('\x01'::bytea || last || inner_new);
  END IF;
END $$;
CREATE FUNCTION test.hashes(jsonb) RETURNS bytea[] LANGUAGE sql IMMUTABLE RETURN ARRAY(SELECT test.b64(hash) FROM jsonb_array_elements_text($1) WITH ORDINALITY AS path (hash, n) ORDER BY n);
-- A checkpoint or head, taken apart.
CREATE FUNCTION test.checkpoint(text, OUT origin text, OUT size bigint, OUT root bytea, OUT signatures bigint) LANGUAGE sql IMMUTABLE AS $$
  SELECT split_part($1, E'\n', 1), split_part($1, E'\n', 2)::bigint, test.b64(split_part($1, E'\n', 3)), (SELECT count(*) FROM regexp_matches($1, '^— ', 'gn'))
$$;
-- The columns that disclosures show.
CREATE FUNCTION test.columns(disclosures jsonb) RETURNS TABLE (name text, value text, digest text) LANGUAGE sql IMMUTABLE AS $$
  SELECT json ->> 1, json ->> 2, test.digest(disclosure)
  FROM jsonb_array_elements_text(disclosures) AS shown (disclosure), LATERAL (SELECT convert_from(test.b64u(disclosure), 'UTF8')::jsonb) AS decoded (json)
$$;
CREATE FUNCTION test.shown(disclosures jsonb) RETURNS text LANGUAGE sql IMMUTABLE RETURN (SELECT string_agg(name, ' ' ORDER BY name) FROM test.columns(disclosures));
-- Whether a receipt proves that its event is under its checkpoint.
CREATE FUNCTION test.proves(receipt jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT test.root_of(test.leaf_of(receipt ->> 'entry'), (receipt ->> 'index')::bigint, head.size, test.hashes(receipt -> 'path')) = head.root
    AND test.root_of(test.leaf_of(receipt ->> 'head'), (receipt ->> 'head_index')::bigint, checkpoint.size, test.hashes(receipt -> 'head_path')) = checkpoint.root
    AND head.origin = checkpoint.origin || '/' || (receipt ->> 'workspace_id')
    AND (SELECT bool_and((receipt ->> 'entry')::jsonb -> '_sd' ? digest OR (SELECT payload.value::jsonb -> '_sd' ? shown.digest FROM test.columns(receipt -> 'disclosures') AS payload WHERE payload.name = 'payload'))
      FROM test.columns(receipt -> 'disclosures') AS shown)
    AND (SELECT count(*) = 2 FROM test.columns(receipt -> 'disclosures') WHERE (name, value) IN (('id', receipt ->> 'event_id'), ('workspace_id', receipt ->> 'workspace_id')))
  FROM test.checkpoint(receipt ->> 'head') AS head, test.checkpoint(receipt ->> 'checkpoint') AS checkpoint
$$;
-- What a receipt says, without what is another each time.
CREATE FUNCTION test.told(receipt jsonb, OUT proves boolean, OUT index bigint, OUT head_size bigint, OUT head_index bigint, OUT size bigint, OUT signatures bigint, OUT shown text) LANGUAGE sql IMMUTABLE AS $$
  SELECT test.proves(receipt), (receipt ->> 'index')::bigint, head.size, (receipt ->> 'head_index')::bigint, checkpoint.size, checkpoint.signatures, test.shown(receipt -> 'disclosures')
  FROM test.checkpoint(receipt ->> 'head') AS head, test.checkpoint(receipt ->> 'checkpoint') AS checkpoint
$$;
-- A line that looks like a signature.
CREATE FUNCTION test.line(name text, seed text) RETURNS text LANGUAGE sql IMMUTABLE RETURN format(E'— %s %s\n', name, translate(encode(substr(sha256(seed::bytea), 1, 4) || sha512(seed::bytea), 'base64'), E'\n', ''));
CREATE FUNCTION record(workspace int, action text DEFAULT 'A') RETURNS uuid LANGUAGE sql AS $$
  SELECT insert_audit_event(action, 'thing', w(50), w(workspace), w(70), '{"a": 1}', '{"a": 2.50}', '10.0.0.1', 'agent "x"', ARRAY['t'], '{"m": "ü"}')
$$;
SET client_min_messages = notice;
\set ECHO all
