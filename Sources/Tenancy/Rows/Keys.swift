import JSON
import Storage

/// The key spaces of the core.
///
/// Each begins with a byte of its own; what belongs to a tenant goes on with its number.
package enum Keys {
    private static let tenantSpace: UInt8 = 0x10
    private static let tenantNumberSpace: UInt8 = 0x11
    private static let tokenSpace: UInt8 = 0x12
    private static let tenantTokenSpace: UInt8 = 0x13
    private static let purgeSpace: UInt8 = 0x14
    private static let schemaSpace: UInt8 = 0x15
    private static let cursorKeySpace: UInt8 = 0x16
    private static let ignoredSpace: UInt8 = 0x17
    private static let unownedSetSpace: UInt8 = 0x18
    private static let setOwnerSpace: UInt8 = 0x19
    private static let leavingMemberSpace: UInt8 = 0x1A
    private static let activitySpace: UInt8 = 0x1B
    private static let setChangeSpace: UInt8 = 0x1C
    private static let setChangePartSpace: UInt8 = 0x1D
    private static let indexWorkSpace: UInt8 = 0x1E
    private static let derivedFormSpace: UInt8 = 0x1F
    private static let recordSpace: UInt8 = 0x20
    private static let stampSpace: UInt8 = 0x23
    private static let countSpace: UInt8 = 0x24
    private static let tallySpace: UInt8 = 0x25
    private static let uniqueSpace: UInt8 = 0x28
    private static let indexSpace: UInt8 = 0x29
    private static let valueCountSpace: UInt8 = 0x2A
    /// Unique rows and index rows of the formats before 4, with paths in their keys.
    private static let formerSpaces: [UInt8] = [0x21, 0x22]

    /// The spaces whose keys begin with a tenant's number, apart from the records.
    private static let spacesOfTenant = [
        tenantTokenSpace, schemaSpace, ignoredSpace, unownedSetSpace, setOwnerSpace, leavingMemberSpace,
        activitySpace, setChangeSpace, setChangePartSpace, indexWorkSpace, uniqueSpace, indexSpace,
        valueCountSpace, stampSpace, countSpace,
        tallySpace,
    ]

    // MARK: Tenants and tokens

    /// The rows of tenants, tokens and schemas: all that decides who a request acts for, and by which definitions.
    package static let access = WatchedKeys(firstBytes: tenantSpace...schemaSpace)

    /// The rows of resources, and all that follow from them.
    package static let resources = AccountKeys(
        firstBytes: recordSpace...valueCountSpace,
        withKind: recordSpace
    )

    package static let tenants = Key([tenantSpace])

    package static func tenant(_ name: String) -> Key { key(tenantSpace, name) }

    /// The highest tenant number given out so far.
    package static let lastTenantNumber = Key([tenantNumberSpace])

    /// The row that names the form of all rows that follow from records.
    package static let derivedForm = Key([derivedFormSpace])

    /// The key that seals cursors, of all tenants.
    package static let cursorKey = Key([cursorKeySpace])

    package static func token(_ id: String) -> Key { key(tokenSpace, id) }

    package static func tokens(ofTenant number: UInt32) -> Key { tenantPrefix(tenantTokenSpace, number) }

    package static func token(_ id: String, ofTenant number: UInt32) -> Key {
        var key = tokens(ofTenant: number)
        key.bytes += id.utf8
        return key
    }

    /// The row of the attributes that requests carried to no effect.
    package static func ignoredAttributes(ofTenant number: UInt32) -> Key {
        tenantPrefix(ignoredSpace, number)
    }

    /// The row of what is known of the tenant's contact with its clients.
    package static func activity(ofTenant number: UInt32) -> Key { tenantPrefix(activitySpace, number) }

    // MARK: Sets of memberships

    /// Sets of memberships that no group owns: they are being removed, or a change is building them.
    package static let unownedSets = Key([unownedSetSpace])

    package static func unownedSet(_ tenant: UInt32, _ set: UniqueID) -> Key {
        tenantPrefix(unownedSetSpace, tenant).with(set)
    }

    /// The row that names the group to which a set belongs that does not have the group's own id.
    package static func setOwner(_ tenant: UInt32, _ set: UniqueID) -> Key {
        tenantPrefix(setOwnerSpace, tenant).with(set)
    }

    package static func setOwners(ofTenant number: UInt32) -> Key { tenantPrefix(setOwnerSpace, number) }

    /// Changes of sets that do not fit into one commit.
    package static let setChanges = Key([setChangeSpace])

    package static func setChanges(ofTenant number: UInt32) -> Key { tenantPrefix(setChangeSpace, number) }

    package static func setChange(_ tenant: UInt32, _ set: UniqueID) -> Key {
        setChanges(ofTenant: tenant).with(set)
    }

    /// The edges that changes of sets have marked, in parts.
    package static let setChangeParts = Key([setChangePartSpace])

    package static func parts(ofSetChange set: UniqueID, _ tenant: UInt32) -> Key {
        tenantPrefix(setChangePartSpace, tenant).with(set)
    }

    package static func part(_ number: UInt32, ofSetChange set: UniqueID, _ tenant: UInt32) -> Key {
        var key = parts(ofSetChange: set, tenant)
        key.bytes.appendBigEndian(number)
        return key
    }

    /// Deleted resources that have not left all of their groups yet.
    package static let leavingMembers = Key([leavingMemberSpace])

    package static func leavingMembers(ofTenant number: UInt32) -> Key {
        tenantPrefix(leavingMemberSpace, number)
    }

    package static func leavingMember(_ tenant: UInt32, _ id: UniqueID) -> Key {
        leavingMembers(ofTenant: tenant).with(id)
    }

    package static let purges = Key([purgeSpace])

    package static func purge(_ number: UInt32) -> Key { tenantPrefix(purgeSpace, number) }

    /// Prefixes of every row of a tenant other than records and edges.
    package static func derivedRows(ofTenant number: UInt32) -> [Key] {
        spacesOfTenant.map { tenantPrefix($0, number) }
    }

    package static func records(ofTenant number: UInt32) -> Key { tenantPrefix(recordSpace, number) }

    // MARK: Schemas

    /// The row that every change of a tenant's schemas and resource types writes.
    package static func schemasHead(_ tenant: UInt32) -> Key { prefix(schemaSpace, tenant, 0) }

    package static func schemas(ofTenant tenant: UInt32) -> Key { prefix(schemaSpace, tenant, 1) }

    package static func schema(_ urn: String, ofTenant tenant: UInt32) -> Key {
        named(schemas(ofTenant: tenant), urn)
    }

    package static func resourceTypes(ofTenant tenant: UInt32) -> Key { prefix(schemaSpace, tenant, 2) }

    package static func resourceType(_ name: String, ofTenant tenant: UInt32) -> Key {
        named(resourceTypes(ofTenant: tenant), name)
    }

    package static func markedIndexes(ofTenant tenant: UInt32) -> Key { prefix(schemaSpace, tenant, 3) }

    package static func markedIndex(_ number: UInt16, ofTenant tenant: UInt32) -> Key {
        var key = markedIndexes(ofTenant: tenant)
        key.bytes.appendBigEndian(number)
        return key
    }

    /// Marked attributes whose rows are being written or removed, of all tenants.
    package static let indexWorks = Key([indexWorkSpace])

    package static func indexWork(_ number: UInt16, ofTenant tenant: UInt32) -> Key {
        var key = tenantPrefix(indexWorkSpace, tenant)
        key.bytes.appendBigEndian(number)
        return key
    }

    /// The beginning of all rows of a marked attribute.
    package static func rows(ofMarkedIndex number: UInt16, _ tenant: UInt32, _ kind: UInt8) -> Key {
        valued(indexSpace, tenant, kind, IndexedAttribute.code(ofMarked: number))
    }

    /// The number of the marked attribute that an index row is of; nil if it is of another attribute.
    package static func markedIndex(ofRow key: Span<UInt8>) -> UInt16? {
        guard key.count >= 9, key[0] == indexSpace, key[6] == IndexedAttribute.markedCode else { return nil }
        return UInt16(key[7]) << 8 | UInt16(key[8])
    }

    /// A key that ends with a name in which case does not count.
    private static func named(_ prefix: Key, _ name: String) -> Key {
        var key = prefix
        key.bytes += name.lowercased().utf8
        return key
    }

    // MARK: Resources

    package static func records(_ tenant: UInt32, _ kind: UInt8) -> Key { prefix(recordSpace, tenant, kind) }

    package static func record(_ tenant: UInt32, _ kind: UInt8, _ id: UniqueID) -> Key {
        resource(recordSpace, tenant, kind, id)
    }

    /// The row that carries a version and a time of change which its record does not.
    package static func stamp(_ tenant: UInt32, _ kind: UInt8, _ id: UniqueID) -> Key {
        resource(stampSpace, tenant, kind, id)
    }

    package static func stamps(_ tenant: UInt32, _ kind: UInt8) -> Key { prefix(stampSpace, tenant, kind) }

    package static func count(_ tenant: UInt32, _ kind: UInt8) -> Key { prefix(countSpace, tenant, kind) }

    /// Counts the records of a kind by their place in the order of ids.
    package static func tally(_ tenant: UInt32, _ kind: UInt8) -> Tally {
        Tally(of: records(tenant, kind), in: prefix(tallySpace, tenant, kind))
    }

    /// How many resources of a kind have attributes of an extension.
    package static func count(_ tenant: UInt32, _ kind: UInt8, ofExtension urn: String) -> Key {
        named(count(tenant, kind), urn)
    }

    package static func unique(_ tenant: UInt32, _ kind: UInt8, _ value: IndexedValue) -> Key {
        valued(uniqueSpace, tenant, kind, value.bytes)
    }

    /// The same for a text as it is compared, in one allocation.
    package static func unique(
        _ tenant: UInt32,
        _ kind: UInt8,
        _ attribute: IndexedAttribute,
        _ text: String,
        sha256: (Span<UInt8>) -> [UInt8]
    ) -> Key {
        let room = IndexedValue.byteCount(attribute, text)
        var key = prefix(uniqueSpace, tenant, kind, room: room)
        IndexedValue.append(attribute, text, sha256: sha256, to: &key.bytes)
        return key
    }

    package static func uniques(_ tenant: UInt32, _ kind: UInt8) -> Key { prefix(uniqueSpace, tenant, kind) }

    package static func indexes(_ tenant: UInt32, _ kind: UInt8) -> Key { prefix(indexSpace, tenant, kind) }

    package static func index(_ tenant: UInt32, _ kind: UInt8, _ value: IndexedValue, _ id: UniqueID) -> Key {
        var key = valued(indexSpace, tenant, kind, value.bytes, room: UniqueID.byteCount)
        id.append(bytesTo: &key.bytes)
        return key
    }

    /// The key of a resource's row in the index of a time, without the value in between.
    package static func index(
        _ tenant: UInt32,
        _ kind: UInt8,
        _ attribute: IndexedAttribute,
        _ time: Timestamp,
        _ id: UniqueID
    ) -> Key {
        let code = attribute.code
        return Key(
            [UInt8](room: 6 + code.count + 8 + UniqueID.byteCount) { free in
                append(indexSpace, tenant, kind, to: &free)
                free.append(copying: code.span)
                IndexedValue.append(time, to: &free)
                id.append(bytesTo: &free)
            }
        )
    }

    /// The beginning of the keys of an attribute's rows, with the first bytes of values.
    static func index(
        _ tenant: UInt32,
        _ kind: UInt8,
        of attribute: IndexedAttribute,
        beginning bytes: [UInt8]
    ) -> Key {
        valued(attribute.isUnique ? uniqueSpace : indexSpace, tenant, kind, bytes)
    }

    /// How many resources of a kind have a value, where that is counted.
    package static func count(_ tenant: UInt32, _ kind: UInt8, of value: IndexedValue) -> Key {
        valued(valueCountSpace, tenant, kind, value.bytes)
    }

    package static func valueCounts(_ tenant: UInt32, _ kind: UInt8) -> Key {
        prefix(valueCountSpace, tenant, kind)
    }

    /// Prefixes of all rows that formats before 4 had and this one has not.
    package static let former = formerSpaces.map { Key([$0]) }

    /// The resource id that ends a record's, a stamp's or an index row's key.
    package static func id(fromKey key: Span<UInt8>) -> UniqueID? {
        key.count < 16 ? nil : UniqueID(bytes: key, at: key.count - 16)
    }

    private static func key(_ space: UInt8, _ name: String) -> Key {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + name.utf8.count)
        bytes.append(space)
        bytes += name.utf8
        return Key(bytes)
    }

    private static func tenantPrefix(_ space: UInt8, _ tenant: UInt32) -> Key {
        var bytes: [UInt8] = []
        append(space, tenant, to: &bytes)
        return Key(bytes)
    }

    /// The beginning of a key of one kind; there is room for what follows, so that a key is one allocation.
    private static func prefix(_ space: UInt8, _ tenant: UInt32, _ kind: UInt8, room: Int = 0) -> Key {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(6 + room)
        append(space, tenant, to: &bytes)
        bytes.append(kind)
        return Key(bytes)
    }

    private static func append(_ space: UInt8, _ tenant: UInt32, to bytes: inout [UInt8]) {
        bytes.append(space)
        bytes.appendBigEndian(tenant)
    }

    private static func resource(_ space: UInt8, _ tenant: UInt32, _ kind: UInt8, _ id: UniqueID) -> Key {
        Key(
            [UInt8](room: 6 + UniqueID.byteCount) { free in
                append(space, tenant, kind, to: &free)
                id.append(bytesTo: &free)
            }
        )
    }

    private static func append(
        _ space: UInt8,
        _ tenant: UInt32,
        _ kind: UInt8,
        to free: inout OutputSpan<UInt8>
    ) {
        free.append(space)
        free.appendBigEndian(tenant)
        free.append(kind)
    }

    private static func valued(
        _ space: UInt8,
        _ tenant: UInt32,
        _ kind: UInt8,
        _ value: [UInt8],
        room: Int = 0
    ) -> Key {
        var key = prefix(space, tenant, kind, room: value.count + room)
        key.bytes += value
        return key
    }
}
