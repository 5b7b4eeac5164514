/// The fields of a record that the caller decides; those that the commit decides are added by ``AuditRow``.
///
/// The numbers stand in stored records: none ever changes or is used again. Those that are missing
/// belonged to fields that no record had.
package enum AuditField: UInt8, Sendable, Hashable, CaseIterable {
    case event = 1
    case outcome = 2
    case reason = 3
    case tenant = 4
    case actorType = 5
    case actorID = 6
    case credentialID = 7
    case address = 10
    case userAgent = 11
    case requestID = 12
    case traceID = 13
    case bulkID = 14
    case bulkIndex = 15
    case method = 16
    case status = 17
    case targetType = 18
    case targetID = 19
    case attribute = 20
    case attributesMore = 21
    case memberAdded = 22
    case membersAddedMore = 23
    case memberRemoved = 24
    case membersRemovedMore = 25
    case membersAdded = 26
    case membersRemoved = 27
    case versionOld = 28
    /// Without a value: the version is the commit's own.
    case versionNew = 29
    case results = 31
    case count = 33
    case firstTime = 34
    case expires = 35
    case programVersion = 36
    case configurationDigest = 37
    case configurationDigestOld = 38
    case start = 39
    case stop = 40
    case outboxRecords = 41
    case outboxAge = 42
    case settingOld = 56
    case settingNew = 57
    case client = 58
    case attributesIgnored = 59
    case membersUnknown = 60
    case certificateSerial = 61
    case certificateEnd = 62
    case signInWay = 63
    case role = 64
    case unusedSeconds = 65
    case checkpointTime = 66
    case checkpointStreams = 67
    case checkpointRecords = 68
    case checkpointRoot = 69
    case checkpointHead = 70
    case checkpointHeadMore = 71
    case checkpointSize = 72
    case checkpointTree = 73
    case checkpointKey = 74
    case checkpointSignature = 75
    case storeOld = 76
    case clockSeconds = 77
    case nameMark = 78
    case externalIDMark = 79
    case filterShape = 80
    case sampleRate = 81

    /// The name in the journal.
    package var name: StaticString {
        switch self {
        case .event: "SCIM_EVENT"
        case .outcome: "SCIM_OUTCOME"
        case .reason: "SCIM_REASON"
        case .tenant: "SCIM_TENANT"
        case .actorType: "SCIM_ACTOR_TYPE"
        case .actorID: "SCIM_ACTOR_ID"
        case .credentialID: "SCIM_CREDENTIAL_ID"
        case .address: "SCIM_IP"
        case .userAgent: "SCIM_USER_AGENT"
        case .requestID: "SCIM_REQUEST_ID"
        case .traceID: "SCIM_TRACE_ID"
        case .bulkID: "SCIM_BULK_ID"
        case .bulkIndex: "SCIM_BULK_INDEX"
        case .method: "SCIM_METHOD"
        case .status: "SCIM_STATUS"
        case .targetType: "SCIM_TARGET_TYPE"
        case .targetID: "SCIM_TARGET_ID"
        case .attribute: "SCIM_ATTR"
        case .attributesMore: "SCIM_ATTR_MORE"
        case .memberAdded: "SCIM_MEMBER_ADDED"
        case .membersAddedMore: "SCIM_MEMBER_ADDED_MORE"
        case .memberRemoved: "SCIM_MEMBER_REMOVED"
        case .membersRemovedMore: "SCIM_MEMBER_REMOVED_MORE"
        case .membersAdded: "SCIM_MEMBERS_ADDED"
        case .membersRemoved: "SCIM_MEMBERS_REMOVED"
        case .versionOld: "SCIM_VERSION_OLD"
        case .versionNew: "SCIM_VERSION_NEW"
        case .results: "SCIM_RESULTS"
        case .count: "SCIM_COUNT"
        case .firstTime: "SCIM_FIRST_TIME"
        case .expires: "SCIM_EXPIRES"
        case .programVersion: "SCIM_PROGRAM_VERSION"
        case .configurationDigest: "SCIM_CONFIG_SHA256"
        case .configurationDigestOld: "SCIM_CONFIG_SHA256_OLD"
        case .start: "SCIM_START"
        case .stop: "SCIM_STOP"
        case .outboxRecords: "SCIM_OUTBOX_RECORDS"
        case .outboxAge: "SCIM_OUTBOX_AGE_SECONDS"
        case .settingOld: "SCIM_SETTING_OLD"
        case .settingNew: "SCIM_SETTING_NEW"
        case .client: "SCIM_CLIENT"
        case .attributesIgnored: "SCIM_ATTR_IGNORED"
        case .membersUnknown: "SCIM_MEMBERS_UNKNOWN"
        case .certificateSerial: "SCIM_TLS_SERIAL"
        case .certificateEnd: "SCIM_TLS_NOT_AFTER"
        case .signInWay: "SCIM_SIGN_IN"
        case .role: "SCIM_ROLE"
        case .unusedSeconds: "SCIM_UNUSED_SECONDS"
        case .checkpointTime: "SCIM_CHECKPOINT_TIME"
        case .checkpointStreams: "SCIM_CHECKPOINT_STREAMS"
        case .checkpointRecords: "SCIM_CHECKPOINT_RECORDS"
        case .checkpointRoot: "SCIM_CHECKPOINT_ROOT"
        case .checkpointHead: "SCIM_CHECKPOINT_HEAD"
        case .checkpointHeadMore: "SCIM_CHECKPOINT_HEAD_MORE"
        case .checkpointSize: "SCIM_CHECKPOINT_SIZE"
        case .checkpointTree: "SCIM_CHECKPOINT_TREE"
        case .checkpointKey: "SCIM_CHECKPOINT_KEY"
        case .checkpointSignature: "SCIM_CHECKPOINT_SIG"
        case .storeOld: "SCIM_STORE_OLD"
        case .clockSeconds: "SCIM_CLOCK_SECONDS"
        case .nameMark: "SCIM_TARGET_NAME_HMAC"
        case .externalIDMark: "SCIM_TARGET_EXTERNAL_HMAC"
        case .filterShape: "SCIM_FILTER_SHAPE"
        case .sampleRate: "SCIM_SAMPLE_RATE"
        }
    }
}
