/// Every figure that the server tells; `docs/reference/metrics.md` has the same list.
package enum ServerMetrics {
    /// In the order in which the page has them.
    package static let all: [MetricFamily] =
        [build, startTime, ready] + requests + connections + loops + store + audit + credentials + [
            logMessages
        ]

    package static let build = MetricFamily(
        "pharos_scim_build_info",
        .gauge,
        "Always 1; the label tells the version of the program.",
        labels: ["version"]
    )
    package static let startTime = MetricFamily(
        "pharos_scim_start_time_seconds",
        .gauge,
        "When the process started, in seconds since 1970."
    )
    package static let ready = MetricFamily(
        "pharos_scim_ready",
        .gauge,
        "1 if /readyz answers 200, 0 if it answers 503."
    )
    package static let logMessages = MetricFamily(
        "pharos_scim_log_messages_total",
        .counter,
        "Lines of the operational log, by level; those below the set level are not counted.",
        labels: ["level"]
    )
}

// MARK: - Requests

extension ServerMetrics {
    private static var requests: [MetricFamily] {
        [answers, answerDurations, refusals, messagesRefused, operations, bodyBytes, unsentBytes]
    }

    package static let answers = MetricFamily(
        "pharos_scim_requests_total",
        .counter,
        "Answered requests of SCIM clients. The first 64 tenants have a label of their own, _others stands for the rest, _none for requests of nobody who is known.",
        labels: ["route", "method", "status", "tenant"]
    )
    package static let answerDurations = MetricFamily(
        "pharos_scim_request_duration_seconds",
        .histogram,
        "From when a request was there as a whole until the first part of its answer was.",
        labels: ["route", "method"]
    )
    package static let refusals = MetricFamily(
        "pharos_scim_refusals_total",
        .counter,
        "Refused requests of SCIM clients by the reason that the audit trail gives.",
        labels: ["reason"]
    )
    package static let messagesRefused = MetricFamily(
        "pharos_scim_messages_refused_total",
        .counter,
        "Messages that never became requests, by what was wrong with them.",
        labels: ["reason"]
    )
    package static let operations = MetricFamily(
        "pharos_scim_operations",
        .gauge,
        "Requests that are being carried out beside the loops' turns."
    )
    package static let bodyBytes = MetricFamily(
        "pharos_scim_body_bytes",
        .gauge,
        "Bytes of bodies that are being received, or whose requests are being carried out."
    )
    package static let unsentBytes = MetricFamily(
        "pharos_scim_unsent_bytes",
        .gauge,
        "Memory of answers that clients have not read."
    )
}

// MARK: - Connections and loops

extension ServerMetrics {
    private static var connections: [MetricFamily] {
        [
            connectionsOpen, connectionsMax, connectionsAccepted, connectionsRefused, handshakesFailed,
            timeouts,
            slowReaders,
        ]
    }

    private static var loops: [MetricFamily] { [loopTurns, loopLag] }

    package static let connectionsOpen = MetricFamily(
        "pharos_scim_connections",
        .gauge,
        "Open connections of SCIM clients."
    )
    package static let connectionsMax = MetricFamily(
        "pharos_scim_connections_max",
        .gauge,
        "Connections that may be open at a time."
    )
    package static let connectionsAccepted = MetricFamily(
        "pharos_scim_connections_accepted_total",
        .counter,
        "Connections that were accepted, those that were refused then included."
    )
    package static let connectionsRefused = MetricFamily(
        "pharos_scim_connections_refused_total",
        .counter,
        "Connections that were answered 503 or closed: because as many were open as may be (all), or as many of their address (address), or because no trusted proxy made them (proxy).",
        labels: ["reason"]
    )
    package static let handshakesFailed = MetricFamily(
        "pharos_scim_handshakes_failed_total",
        .counter,
        "Connections that ended before TLS, or the header of the PROXY protocol, was through."
    )
    package static let timeouts = MetricFamily(
        "pharos_scim_timeouts_total",
        .counter,
        "Connections that were closed because their client was too slow; idle ones are not counted."
    )
    package static let slowReaders = MetricFamily(
        "pharos_scim_slow_readers_closed_total",
        .counter,
        "Connections that were closed because too much waited to be read, and on theirs for longest."
    )
    package static let loopTurns = MetricFamily(
        "pharos_scim_loop_turn_seconds",
        .histogram,
        "How long the turns of an event loop took: so long a client may have waited for its attention.",
        labels: ["loop"]
    )
    package static let loopLag = MetricFamily(
        "pharos_scim_loop_lag_seconds",
        .gauge,
        "For how long the turn of an event loop goes on that has not ended; 0 while it waits.",
        labels: ["loop"]
    )
}

// MARK: - Store

extension ServerMetrics {
    private static var store: [MetricFamily] {
        [
            commitBatch, commitDuration, waitingCommits, logSegments, logBytes, overlayRows, overlayBytes,
            overlayAge, checkpoints, checkpointAge, waitsForRoom, dataBytes, dataBytesMax, dataPages,
            freePages,
            diskFree,
        ]
    }

    package static let commitBatch = MetricFamily(
        "pharos_scim_commit_batch_changes",
        .histogram,
        "How many changes one record of the commit log made durable."
    )
    package static let commitDuration = MetricFamily(
        "pharos_scim_commit_duration_seconds",
        .histogram,
        "How long it took to decide a batch and to make it durable."
    )
    package static let waitingCommits = MetricFamily(
        "pharos_scim_store_waiting_commits",
        .gauge,
        "Changes that wait for the commit thread."
    )
    package static let logSegments = MetricFamily(
        "pharos_scim_store_log_segments",
        .gauge,
        "Files of the commit log."
    )
    package static let logBytes = MetricFamily(
        "pharos_scim_store_log_bytes",
        .gauge,
        "Bytes of the commit log's files."
    )
    package static let overlayRows = MetricFamily(
        "pharos_scim_store_overlay_rows",
        .gauge,
        "Rows in memory that the data file does not have yet."
    )
    package static let overlayBytes = MetricFamily(
        "pharos_scim_store_overlay_bytes",
        .gauge,
        "Bytes of these rows in memory."
    )
    package static let overlayAge = MetricFamily(
        "pharos_scim_store_overlay_age_seconds",
        .gauge,
        "Since when the oldest of these rows waits for a checkpoint; 0 if none does."
    )
    package static let checkpoints = MetricFamily(
        "pharos_scim_store_checkpoints_total",
        .counter,
        "Checkpoints since the start."
    )
    package static let checkpointAge = MetricFamily(
        "pharos_scim_store_checkpoint_age_seconds",
        .gauge,
        "Time since the last checkpoint, or since the start."
    )
    package static let waitsForRoom = MetricFamily(
        "pharos_scim_store_waits_for_room",
        .gauge,
        "1 while a checkpoint or the next file of the log does not find room on the disk."
    )
    package static let dataBytes = MetricFamily(
        "pharos_scim_store_data_bytes",
        .gauge,
        "Size of the data file, free pages included."
    )
    package static let dataBytesMax = MetricFamily(
        "pharos_scim_store_data_bytes_max",
        .gauge,
        "Size that the data file may come to."
    )
    package static let dataPages = MetricFamily(
        "pharos_scim_store_data_pages",
        .gauge,
        "Pages of the data file, free ones included."
    )
    package static let freePages = MetricFamily(
        "pharos_scim_store_free_pages",
        .gauge,
        "Pages of the data file that hold nothing and are used before it grows."
    )
    package static let diskFree = MetricFamily(
        "pharos_scim_store_disk_free_bytes",
        .gauge,
        "What the disk of the data folder has left for the server's user."
    )
}

// MARK: - Audit trail and credentials

extension ServerMetrics {
    private static var audit: [MetricFamily] {
        [
            auditState, outboxRecords, outboxRecordsMax, outboxAge, auditConfirmed, auditResent,
            auditBatchesRefused, auditRolledBack,
        ]
    }

    private static var credentials: [MetricFamily] { [tenants, tokenDays, certificateDays] }

    package static let auditState = MetricFamily(
        "pharos_scim_audit_state",
        .gauge,
        "1 for the state that the audit trail is in, 0 for the others: ok, behind (the oldest record waits for more than 2 s), degraded (30 s, or a tenth of the outbox is full), refusing (the outbox is full: changes are refused).",
        labels: ["state"]
    )
    package static let outboxRecords = MetricFamily(
        "pharos_scim_audit_outbox_records",
        .gauge,
        "Audit records that the journal has not confirmed."
    )
    package static let outboxRecordsMax = MetricFamily(
        "pharos_scim_audit_outbox_records_max",
        .gauge,
        "Audit records that may wait before changes are refused."
    )
    package static let outboxAge = MetricFamily(
        "pharos_scim_audit_outbox_age_seconds",
        .gauge,
        "How long the oldest of them waits; 0 if none does."
    )
    package static let auditConfirmed = MetricFamily(
        "pharos_scim_audit_confirmed_total",
        .counter,
        "Audit records that the journal has confirmed."
    )
    package static let auditResent = MetricFamily(
        "pharos_scim_audit_resent_total",
        .counter,
        "Audit records that were sent again because they were not found in the journal."
    )
    package static let auditBatchesRefused = MetricFamily(
        "pharos_scim_audit_batches_refused_total",
        .counter,
        "Batches of audit records that the journal did not take."
    )
    package static let auditRolledBack = MetricFamily(
        "pharos_scim_audit_rolled_back",
        .gauge,
        "1 if the journal has records that the store does not know, so that nothing is delivered until `audit restored` is called."
    )
    package static let tenants = MetricFamily(
        "pharos_scim_tenants",
        .gauge,
        "Tenants, by whether SCIM is enabled for them.",
        labels: ["scim"]
    )
    package static let tokenDays = MetricFamily(
        "pharos_scim_token_days_left",
        .gauge,
        "Days until the token that a tenant's client should use ends; 0 and below after its end.",
        labels: ["tenant"]
    )
    package static let certificateDays = MetricFamily(
        "pharos_scim_certificate_days_left",
        .gauge,
        "Days until the certificate in use ends, with fractions; below 0 after its end, absent without TLS."
    )
}
