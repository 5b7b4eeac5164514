internal import JSON
package import Storage

extension AuditRecord {
    /// No record's payload is longer: every value and every count of values has a limit.
    package static let payloadBytesMax = 32_768

    /// The row for the log: append it in the changeset of the change that it tells of.
    package func logEntry() -> LogEntry {
        var payload = AuditPayloadWriter()
        addHead(to: &payload)
        addOrigin(to: &payload)
        addTarget(to: &payload)
        payload.add(.results, results)
        payload.add(.count, coalesced?.count)
        payload.add(.firstTime, coalesced?.firstTime.microsecondText)
        addDetails(to: &payload)
        return LogEntry(stream: stream, payload: payload.bytes)
    }

    private func addHead(to payload: inout AuditPayloadWriter) {
        payload.add(.event, event.name)
        payload.add(.outcome, outcome.word)
        if case .failure(let reason) = outcome { payload.add(.reason, reason.word) }
        payload.add(.tenant, tenant?.text)
        payload.add(.actorType, actor.kind)
        payload.add(.actorID, actor.id?.text)
        payload.add(.credentialID, credentialID?.text)
    }

    private func addOrigin(to payload: inout AuditPayloadWriter) {
        guard let origin else { return }
        payload.add(.address, origin.address?.text)
        payload.add(.userAgent, origin.userAgent?.text)
        payload.add(.requestID, origin.requestID?.text)
        payload.add(.traceID, origin.traceID?.text)
        payload.add(.bulkID, origin.bulk?.id?.text)
        payload.add(.bulkIndex, origin.bulk?.index)
        payload.add(.method, origin.method?.rawValue)
        payload.add(.status, origin.status)
    }

    private func addTarget(to payload: inout AuditPayloadWriter) {
        payload.add(.targetType, target?.type.text)
        payload.add(.targetID, target?.id)
        for mark in marks.names { payload.add(.nameMark, mark.text) }
        for mark in marks.externalIDs { payload.add(.externalIDMark, mark.text) }
        addAttributes(to: &payload)
        if ignoredAttributes > 0 { payload.add(.attributesIgnored, ignoredAttributes) }
        if let members {
            payload.add(.memberAdded, members.added, more: .membersAddedMore)
            payload.add(.memberRemoved, members.removed, more: .membersRemovedMore)
            payload.add(.membersAdded, members.added.total)
            payload.add(.membersRemoved, members.removed.total)
        }
        if unknownMembers > 0 { payload.add(.membersUnknown, unknownMembers) }
        switch versions {
        case .none: break
        case .made: payload.add(.versionNew, "")
        case .changed(let old):
            payload.add(.versionOld, old)
            payload.add(.versionNew, "")
        case .ended(let old): payload.add(.versionOld, old)
        }
    }

    /// The journal stores an equal field once, so each attribute is named once.
    private func addAttributes(to payload: inout AuditPayloadWriter) {
        // One alone, as most changes have, needs no set.
        guard attributes.count > 1 else { return payload.add(.attribute, attributes.first?.text) }
        var seen = Set<AuditAttributePath>(minimumCapacity: attributes.count)
        for attribute in attributes where seen.insert(attribute).inserted && seen.count <= Self.valuesMax {
            payload.add(.attribute, attribute.text)
        }
        if seen.count > Self.valuesMax { payload.add(.attributesMore, seen.count - Self.valuesMax) }
    }

    private static func add(_ certificate: AuditCertificate?, to payload: inout AuditPayloadWriter) {
        guard let certificate else { return }
        payload.add(.certificateSerial, certificate.serialNumber.text)
        payload.add(.certificateEnd, certificate.notAfter.microsecondText)
    }

    private func addDetails(to payload: inout AuditPayloadWriter) {
        switch details {
        case .none: break
        case .expiry(let time): payload.add(.expires, time.microsecondText)
        case .unused(let seconds): payload.add(.unusedSeconds, seconds)
        case .clock(let seconds): payload.add(.clockSeconds, seconds)
        case .start(let version, let configuration, let certificate, let recovered):
            payload.add(.programVersion, version.text)
            payload.add(.configurationDigest, configuration?.text)
            Self.add(certificate, to: &payload)
            payload.add(.start, recovered ? "recovered" : "clean")
        case .stop(let undelivered):
            payload.add(.stop, "request")
            payload.add(.outboxRecords, undelivered)
        case .reload(let old, let new, let certificate):
            payload.add(.configurationDigestOld, old.text)
            payload.add(.configurationDigest, new.text)
            Self.add(certificate, to: &payload)
        case .outbox(let records, let oldestSeconds):
            payload.add(.outboxRecords, records)
            payload.add(.outboxAge, oldestSeconds)
        case .setting(let old, let new):
            payload.add(.settingOld, old.text)
            payload.add(.settingNew, new.text)
        case .client(let product): payload.add(.client, product.text)
        case .signIn(let way, let role):
            payload.add(.signInWay, way.rawValue)
            payload.add(.role, role?.rawValue)
        case .link(let role, let expires):
            payload.add(.role, role.rawValue)
            payload.add(.expires, expires.microsecondText)
        case .checkpoint(let checkpoint): Self.add(checkpoint, to: &payload)
        case .read(let filter, let sampleRate):
            payload.add(.filterShape, filter?.text)
            if sampleRate > 1 { payload.add(.sampleRate, sampleRate) }
        case .restored(let old): payload.add(.storeOld, old.journalText)
        }
    }

    private static func add(_ checkpoint: Checkpoint, to payload: inout AuditPayloadWriter) {
        payload.add(.checkpointTime, checkpoint.time.microsecondText)
        payload.add(.checkpointStreams, checkpoint.streamCount)
        payload.add(.checkpointRecords, checkpoint.recordCount)
        payload.add(.checkpointRoot, checkpoint.root.text)
        for head in checkpoint.heads { payload.add(.checkpointHead, head.text) }
        if checkpoint.headsMore > 0 { payload.add(.checkpointHeadMore, checkpoint.headsMore) }
        payload.add(.checkpointSize, checkpoint.size)
        payload.add(.checkpointTree, checkpoint.tree.text)
        payload.add(.checkpointKey, Base64.text(checkpoint.publicKey))
        payload.add(.checkpointSignature, Base64.text(checkpoint.signature))
    }
}

extension CommitVersion {
    /// The version as a weak entity tag (RFC 7644 §3.14, RFC 9110 §8.8.3).
    package var entityTag: String {
        var tag: [UInt8] = []
        tag.reserveCapacity(24)
        append(entityTagTo: &tag)
        return String(decoding: tag, as: UTF8.self)
    }

    func append(entityTagTo bytes: inout [UInt8]) {
        bytes += #"W/""#.utf8
        JSONWriter.appendInteger(Int64(clamping: number), to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}

extension LogEntry {
    /// The same record about another target of the same type.
    package func about(_ target: UniqueID) -> LogEntry {
        var writer = AuditPayloadWriter()
        let isWhole = AuditPayload.read(payload.span) { field, place in
            if field == .targetID {
                writer.add(field, target)
            } else {
                writer.add(field, String(decoding: payload[place], as: UTF8.self))
            }
        }
        return isWhole ? LogEntry(stream: stream, payload: writer.bytes) : self
    }
}
