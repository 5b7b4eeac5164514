internal import JSON
internal import Storage

/// What a verification reads of an entry.
struct VerifiedRecord {
    var store = ""
    var stream = ""
    var sequence: UInt64?
    var previous: TrailHash?
    var hash: TrailHash?
    var time: Timestamp?
    var user: String?
    var isCheckpoint = false
    /// Whether it begins the trail of a store that was put back.
    var isRestore = false
    /// Whether a process begins with it, whose first checkpoint names all streams.
    var isServiceStart = false
    /// Whether an operator made the change, perhaps while no server ran.
    var isAdmins = false
    /// What the store was called before it was put back.
    var oldStore: String?
    /// Whether it has a hash, readable or not.
    var isSealed = false
    /// Whether it is a record of a trail, or means to be one.
    var isRecord = false
    /// Whether it says of which stream of which store it is, in a form that records have; else both are empty.
    private(set) var isNamed = false

    init(_ entry: JournalEntry) {
        let bytes = entry.bytes.span
        for place in 0..<entry.fieldCount {
            let name = bytes.extracting(entry.nameRange(at: place))
            let value = bytes.extracting(entry.valueRange(at: place))
            switch name.count {
            case 4 where name.isEqual(to: "_UID".utf8.span): user = Self.text(value)
            case 8 where name.isEqual(to: "SCIM_SEQ".utf8.span):
                sequence = UInt64(decimal: value).flatMap {
                    Checkpoint.Head.sequences.contains($0) ? $0 : nil
                }
                isRecord = true
            case 9:
                if name.isEqual(to: "SCIM_PREV".utf8.span) {
                    previous = TrailHash(hex: value)
                } else if name.isEqual(to: "SCIM_HASH".utf8.span) {
                    hash = TrailHash(hex: value)
                    (isSealed, isRecord) = (true, true)
                } else if name.isEqual(to: "SCIM_TIME".utf8.span) {
                    time = Timestamp(rfc3339: Self.text(value))
                }
            case 10:
                if name.isEqual(to: "SCIM_STORE".utf8.span) {
                    store = Self.text(value)
                } else if name.isEqual(to: "SCIM_EVENT".utf8.span) {
                    isCheckpoint = value.isEqual(to: "audit.checkpoint".utf8.span)
                    isRestore = value.isEqual(to: "store.restore".utf8.span)
                    isServiceStart = value.isEqual(to: "service.start".utf8.span)
                }
            case 11 where name.isEqual(to: "SCIM_STREAM".utf8.span):
                stream = Self.text(value)
                isRecord = true
            case 14 where name.isEqual(to: "SCIM_STORE_OLD".utf8.span): oldStore = Self.text(value)
            case 15 where name.isEqual(to: "SCIM_ACTOR_TYPE".utf8.span):
                isAdmins = value.isEqual(to: "admin".utf8.span)
            default: break
            }
        }
        isNamed = Self.isName(store) && Self.isName(stream)
        // What has another form may hold what a terminal would obey.
        if !isNamed { (store, stream) = ("", "") }
    }

    private static func text(_ value: Span<UInt8>) -> String {
        String(decoding: [UInt8](copying: value), as: UTF8.self)
    }

    private static func isName(_ text: String) -> Bool {
        (1...AuditSlug.bytesMax).contains(text.utf8.count) && AuditCharacters.isName(text)
    }
}

extension Checkpoint {
    /// Reads what a record tells of a checkpoint; nil if it is no whole one.
    package init?(_ entry: JournalEntry) {
        var values: [String: String] = [:]
        var heads: [Head] = []
        let bytes = entry.bytes.span
        for place in 0..<entry.fieldCount {
            let name = bytes.extracting(entry.nameRange(at: place))
            let value = bytes.extracting(entry.valueRange(at: place))
            if name.isEqual(to: "SCIM_CHECKPOINT_HEAD".utf8.span) {
                guard let head = Head(text: value) else { return nil }
                heads.append(head)
            } else if name.hasPrefix("SCIM_CHECKPOINT_".utf8.span) || name.isEqual(to: "SCIM_STORE".utf8.span)
            {
                let name = String(decoding: [UInt8](copying: name), as: UTF8.self)
                values[name] = String(decoding: [UInt8](copying: value), as: UTF8.self)
            }
        }
        func number(_ name: String) -> UInt64? { values["SCIM_CHECKPOINT_\(name)"].flatMap { UInt64($0) } }
        func hash(_ name: String) -> TrailHash? {
            values["SCIM_CHECKPOINT_\(name)"].flatMap { TrailHash(hex: $0.utf8.span) }
        }
        func base64(_ name: String) -> [UInt8]? {
            values["SCIM_CHECKPOINT_\(name)"].flatMap { Base64.bytes($0) }
        }
        guard let store = values["SCIM_STORE"], AuditSlug(store) != nil,
            let time = values["SCIM_CHECKPOINT_TIME"].flatMap({ Timestamp(rfc3339: $0) }),
            let streams = number("STREAMS").flatMap({ Int(exactly: $0) }), let records = number("RECORDS"),
            let root = hash("ROOT"), let size = number("SIZE"), let tree = hash("TREE"),
            let key = base64("KEY"), let signature = base64("SIG")
        else { return nil }
        self.init(
            store: store,
            time: time,
            streamCount: streams,
            recordCount: records,
            root: root,
            heads: heads,
            headsMore: number("HEAD_MORE").flatMap { Int(exactly: $0) } ?? 0,
            size: size,
            tree: tree,
            publicKey: key,
            signature: signature
        )
    }
}
