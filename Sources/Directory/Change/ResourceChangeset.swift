import JSON
import SCIM
import Storage
import Tenancy

/// Which edges of a deleted resource go in commits of their own.
struct EndingEdges {
    var membersGoLater = false
    var leavesLater = false
}

/// Builds the changeset of one resource: its record and everything that follows from it, in one place.
struct ResourceChangeset {
    private(set) var changeset = Changeset()
    /// The version of all that the change writes, drawn for it: the entity tag of its answer and of its audit record.
    let version: CommitVersion
    /// The record's row as it will be; nil while the change has not written one.
    private(set) var row: [UInt8]?
    /// The attribute behind each precondition that guards a unique value, by the precondition's index.
    private(set) var uniqueness: [Int: IndexedAttribute] = [:]

    private let tenant: UInt32
    private let kind: ResourceKind
    private let id: UniqueID
    private let recordKey: Key
    private let environment: DirectoryEnvironment

    /// `key`: that of the record, if it is known already.
    init(
        _ id: UniqueID,
        _ context: ChangeContext,
        _ environment: DirectoryEnvironment,
        recordKey key: Key? = nil
    ) {
        tenant = context.tenant
        kind = context.kind
        self.id = id
        self.environment = environment
        recordKey = key ?? Keys.record(context.tenant, context.kind.code, id)
        version = environment.makeVersion()
        changeset.preconditions.reserveCapacity(Self.usualCount)
        changeset.mutations.reserveCapacity(Self.usualCount)
        changeset.turn.account = tenant
        changeset.mutations.append(.version(version))
        // A tenant that is deleted while a request is on its way must not be written to any more.
        changeset.preconditions.append(.present(context.access.tenantKey))
        // Nor by other definitions than the tenant's, lest an index miss it.
        let head = context.access.schemasHeadKey
        changeset.preconditions.append(context.access.kinds.head.map { .version(head, $0) } ?? .absent(head))
    }

    /// Lets the change go before what waits of its tenant, since it takes something away from somebody.
    mutating func hurry() { changeset.turn.isUrgent = true }

    /// The change of one attribute or member has no more preconditions or mutations.
    private static let usualCount = 8

    mutating func create(_ record: ResourceRecord) {
        changeset.preconditions.append(.absent(recordKey))
        // Whoever comes back under the id of a deleted resource must not get that one's members or groups.
        changeset.preconditions.append(.absent(Keys.leavingMember(tenant, id)))
        if kind.membersAttribute != nil {
            changeset.preconditions.append(.absent(Keys.unownedSet(tenant, id)))
            changeset.preconditions.append(.absent(Keys.setOwner(tenant, id)))
        }
        write(record)
        count(1)
        addRows(RecordRows(record, kind: kind, environment: environment), except: nil)
        stamp(record.lastModified)
    }

    /// `difference`: that of the two resources; nil if they are equal.
    mutating func replace(
        _ old: ResourceRecord,
        with new: ResourceRecord,
        _ difference: ResourceDifference?
    ) {
        write(new)
        guard let difference, !difference.isEmpty else { return }
        moveInTime(from: old.lastModified, to: new.lastModified)
        guard RecordRows.mayChange(by: difference, kind) else { return }
        let before = RecordRows(old, kind: kind, environment: environment, by: difference)
        let after = RecordRows(new, kind: kind, environment: environment, by: difference)
        removeRows(before, except: after)
        addRows(after, except: before)
    }

    /// Moves the record's row in the index of the time of change, which every change does.
    private mutating func moveInTime(from old: Timestamp, to new: Timestamp) {
        guard let index = kind.timeOfChange, old.shown != new.shown else { return }
        changeset.mutations.append(.delete(Keys.index(tenant, kind.code, index, old.shown, id)))
        changeset.mutations.append(.put(Keys.index(tenant, kind.code, index, new.shown, id), []))
    }

    /// Removes the record and its rows, and the edges at either end that do not go later.
    mutating func delete(_ record: ResourceRecord, _ edges: EndingEdges) {
        changeset.mutations.append(.delete(recordKey))
        count(-1)
        removeRows(RecordRows(record, kind: kind, environment: environment), except: nil)
        if kind.membersAttribute != nil {
            changeset.mutations.append(.delete(Keys.stamp(tenant, kind.code, id)))
            let set = record.membershipSet ?? id
            if edges.membersGoLater {
                giveUp(set)
            } else {
                if set != id { changeset.mutations.append(.delete(Keys.setOwner(tenant, set))) }
                changeset.mutations.append(.unlinkMembers(space: tenant, container: set))
            }
        }
        if !edges.leavesLater {
            changeset.mutations.append(.unlinkContainers(space: tenant, member: id))
        }
    }

    /// Notes that the resource, which is deleted, leaves its groups later, each with such a record.
    mutating func leaveLater(_ holder: ResourceKind, _ record: LogEntry) {
        let row = LeavingMember.row(holder: holder.code, record: record)
        changeset.mutations.append(.put(Keys.leavingMember(tenant, id), row))
    }

    /// Gives the resource a new set of memberships in place of `old`; nil if it had none.
    ///
    /// `isBuilt`: whether its edges are there already: ``require(built:version:)``.
    mutating func own(_ set: UniqueID, inPlaceOf old: UniqueID?, isBuilt: Bool) {
        changeset.mutations.append(.put(Keys.setOwner(tenant, set), id.bytes))
        if isBuilt { changeset.mutations.append(.delete(Keys.unownedSet(tenant, set))) }
        if let old { giveUp(old) }
    }

    /// Makes a condition that nobody has changed a set since it was built.
    mutating func require(built set: UniqueID, version: CommitVersion) {
        changeset.preconditions.append(.version(Keys.unownedSet(tenant, set), version))
    }

    /// Makes a condition that no change of a set is under way, which others would meet half done.
    mutating func requireSettled(_ set: UniqueID) {
        changeset.preconditions.append(.absent(Keys.setChange(tenant, set)))
    }

    /// Makes the marks of a prepared change what they say.
    mutating func make(_ prepared: SetChange) {
        var made = prepared
        made.state = .made
        changeset.preconditions.append(prepared.asFound)
        changeset.mutations.append(made.put)
    }

    /// As of a changeset.
    mutating func touch(_ change: SetChange?, of set: UniqueID) { changeset.touch(change, of: set, tenant) }

    /// Tells whoever is building a set, or removing it, that it is being changed.
    mutating func touch(unowned set: UniqueID) {
        let key = Keys.unownedSet(tenant, set)
        changeset.preconditions.append(.present(key))
        changeset.mutations.append(.put(key, []))
    }

    /// Leaves the edges of a set to ``ResourceDirectory/settleMemberships()``.
    private mutating func giveUp(_ set: UniqueID) {
        if set != id { changeset.mutations.append(.delete(Keys.setOwner(tenant, set))) }
        changeset.mutations.append(.put(Keys.unownedSet(tenant, set), []))
    }

    private mutating func write(_ record: ResourceRecord) {
        let row = record.encoded(id: id)
        changeset.mutations.append(.put(recordKey, row))
        self.row = row
    }

    /// What the change rests on of the resource as it was read.
    ///
    /// `versionToo`: whether also on nobody else having changed its members meanwhile.
    mutating func require(_ current: CurrentResource, versionToo: Bool) {
        changeset.preconditions.append(.version(recordKey, current.recordVersion))
        if versionToo, current.versionKey != recordKey {
            changeset.preconditions.append(.version(current.versionKey, current.version))
        }
    }

    /// What the request rests on of the members that it names: the edges commute with those of other changes.
    mutating func require(_ members: MembershipDelta, in set: UniqueID) {
        guard !members.restsOnAll, members.namesAny else { return }
        let edges = EdgeKeys.members(of: set, space: tenant)
        for present in [members.kept, members.unlinks] where !present.isEmpty {
            changeset.preconditions.append(.allPresent(edges, present))
        }
        for absent in [members.absent] + members.links.map(\.members) where !absent.isEmpty {
            changeset.preconditions.append(.allAbsent(edges, absent))
        }
    }

    /// Writes and deletes the edges of a change of members.
    mutating func change(_ members: MembershipDelta, in set: UniqueID) {
        func edges(to members: [UniqueID]) -> Edges {
            Edges(space: tenant, container: set, members: members)
        }
        if !members.unlinks.isEmpty { changeset.mutations.append(.unlink(edges(to: members.unlinks))) }
        for links in members.links {
            changeset.preconditions.append(.allPresent(Keys.records(tenant, links.kind), links.members))
            changeset.mutations.append(.link(edges(to: links.members), kind: links.kind))
        }
    }

    /// Notes the time of a change where it is not in the record; this row then carries the version.
    mutating func stamp(_ time: Timestamp) {
        guard kind.membersAttribute != nil else { return }
        changeset.mutations.append(.put(Keys.stamp(tenant, kind.code, id), Stamp.row(time)))
    }

    /// Notes a change of another resource's members.
    mutating func stamp(_ container: UniqueID, _ kind: ResourceKind, _ time: Timestamp) {
        changeset.mutations.append(.put(Keys.stamp(tenant, kind.code, container), Stamp.row(time)))
    }

    /// Makes a condition of something else.
    mutating func require(_ precondition: Precondition) { changeset.preconditions.append(precondition) }

    mutating func append(_ entry: LogEntry) { changeset.mutations.append(.append(entry)) }

    private mutating func addRows(_ rows: RecordRows, except kept: RecordRows?) {
        for value in rows.values(except: kept) {
            let (key, row) = value.row(tenant, kind, id)
            if value.attribute.isUnique {
                uniqueness[changeset.preconditions.count] = value.attribute
                changeset.preconditions.append(.absent(key))
            }
            changeset.mutations.append(.put(key, row))
            if let counter = value.counter(tenant, kind) {
                changeset.mutations.append(.increment(counter, 1))
            }
        }
        for urn in rows.extensions where kept?.extensions.contains(urn) != true { count(urn, 1) }
    }

    private mutating func removeRows(_ rows: RecordRows, except kept: RecordRows?) {
        for value in rows.values(except: kept) {
            changeset.mutations.append(.delete(value.row(tenant, kind, id).key))
            if let counter = value.counter(tenant, kind) {
                changeset.mutations.append(.increment(counter, -1))
            }
        }
        for urn in rows.extensions where kept?.extensions.contains(urn) != true { count(urn, -1) }
    }

    /// Counts the record, which has just been put or deleted.
    private mutating func count(_ change: Int64) {
        changeset.mutations.append(.tally(Keys.tally(tenant, kind.code), id, change))
        changeset.mutations.append(.increment(Keys.count(tenant, kind.code), change))
    }

    private mutating func count(_ urn: String, _ change: Int64) {
        changeset.mutations.append(.increment(Keys.count(tenant, kind.code, ofExtension: urn), change))
    }
}
