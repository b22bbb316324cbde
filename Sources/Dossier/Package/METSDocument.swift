import Foundation
import Preservation
import Vietnamese

/// A METS document as E-ARK CSIP has it: of a whole package, or of its representation (METS 1.12; CSIP 2.1).
struct METSDocument {
    struct Agent {
        var role: String
        var type: String
        var otherType: String?
        var name: String
        var noteType: String?
        var note: String?
    }

    /// Files of one use.
    struct Group {
        var use: String
        var files: [PackagedFile]
        /// CSIP's type of content; of the group of a representation.
        var contentType: String?
    }

    /// A file of the data and the document that describes it.
    struct Link {
        var file: PackagedFile
        var descriptive: PackagedFile
    }

    /// What there is below the document in the tree.
    enum Structure {
        /// The whole package, with the METS of its one representation.
        case package(representation: PackagedFile)
        case representation(name: String, links: [Link])
    }

    var kind: PackageKind
    var objectID: String
    var label: String
    var type: String
    var profile: String
    /// From the document to the package's schemas.
    var schemas: String
    var createdAt: Date
    var agents: [Agent]
    var submission: String?
    var descriptive: [PackagedFile]
    /// PREMIS documents; none in a package for submission.
    var preservation: [PackagedFile]
    var groups: [Group]
    var structure: Structure
    var identifiers: PackageIdentifiers
    /// Distinguishes the identifiers of the root's sections from those of its representation's.
    var scope: String

    var document: Data {
        var children = [header]
        children += descriptive.map(descriptiveSection)
        if !preservation.isEmpty {
            children.append(
                XMLNode("amdSec", ["ID": id("amdSec")], preservation.map(preservationSection)))
        }
        children.append(XMLNode("fileSec", ["ID": id("fileSec")], groups.map(group)))
        children.append(
            XMLNode("structMap", ["ID": id("structMap"), "TYPE": "PHYSICAL", "LABEL": "CSIP"], [rootDivision]))
        return XMLNode(
            "mets",
            [
                "xmlns": "http://www.loc.gov/METS/", "xmlns:xlink": "http://www.w3.org/1999/xlink",
                "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
                "xmlns:csip": "https://DILCIS.eu/XML/METS/CSIPExtensionMETS",
                "xmlns:sip": "https://DILCIS.eu/XML/METS/SIPExtensionMETS",
                "OBJID": objectID, "LABEL": label, "TYPE": type, "csip:CONTENTINFORMATIONTYPE": "MIXED",
                "PROFILE": profile,
                "xsi:schemaLocation": "http://www.loc.gov/METS/ \(schemas)METS.xsd "
                    + "http://www.w3.org/1999/xlink \(schemas)xlink.xsd "
                    + "https://DILCIS.eu/XML/METS/CSIPExtensionMETS \(schemas)DILCISExtensionMETS.xsd "
                    + "https://DILCIS.eu/XML/METS/SIPExtensionMETS \(schemas)DILCISExtensionSIPMETS.xsd",
            ], children
        ).document
    }

    private func id(_ what: String) -> String { identifiers.section("\(scope)/\(what)") }
    private func fileID(_ file: PackagedFile) -> String { identifiers.file("\(scope)/\(file.path)") }
    private func groupID(_ use: String) -> String { id("fileGrp/\(use)") }
    private func sectionID(_ file: PackagedFile) -> String { id("md/\(file.path)") }

    private var header: XMLNode {
        var children = agents.map { agent in
            XMLNode(
                "agent", ["ROLE": agent.role, "TYPE": agent.type, "OTHERTYPE": agent.otherType],
                [XMLNode("name", agent.name)]
                    + (agent.note.map { [XMLNode("note", ["csip:NOTETYPE": agent.noteType], text: $0)] } ?? []))
        }
        if let submission {
            children.append(XMLNode("altRecordID", ["TYPE": "SUBMISSIONAGREEMENT"], text: submission))
        }
        let time = IndochinaTime.text(createdAt)
        return XMLNode(
            "metsHdr",
            [
                "CREATEDATE": time, "LASTMODDATE": time, "RECORDSTATUS": "NEW",
                "csip:OAISPACKAGETYPE": kind.rawValue.uppercased(),
            ], children)
    }

    private func descriptiveSection(_ file: PackagedFile) -> XMLNode {
        let isDublinCore = file.path.hasSuffix(PackageLayout.dublinCoreName)
        return XMLNode(
            "dmdSec", ["ID": sectionID(file), "CREATED": IndochinaTime.text(file.createdAt), "STATUS": "CURRENT"],
            [
                reference(
                    file, type: isDublinCore ? "DC" : "OTHER", otherType: isDublinCore ? nil : "EAD",
                    version: isDublinCore ? "1.1" : "1.0")
            ])
    }

    private func preservationSection(_ file: PackagedFile) -> XMLNode {
        XMLNode(
            "digiprovMD", ["ID": sectionID(file), "CREATED": IndochinaTime.text(file.createdAt), "STATUS": "CURRENT"],
            [reference(file, type: "PREMIS", otherType: nil, version: "3.0")])
    }

    private func reference(_ file: PackagedFile, type: String, otherType: String?, version: String) -> XMLNode {
        XMLNode(
            "mdRef",
            [
                "LOCTYPE": "URL", "MDTYPE": type, "OTHERMDTYPE": otherType, "MDTYPEVERSION": version,
                "xlink:type": "simple", "xlink:href": file.path, "MIMETYPE": file.mime, "SIZE": "\(file.size)",
                "CREATED": IndochinaTime.text(file.createdAt), "CHECKSUM": file.sha256, "CHECKSUMTYPE": "SHA-256",
            ])
    }

    private func group(_ group: Group) -> XMLNode {
        XMLNode(
            "fileGrp",
            ["ID": groupID(group.use), "USE": group.use, "csip:CONTENTINFORMATIONTYPE": group.contentType],
            group.files.map { file in
                XMLNode(
                    "file",
                    [
                        "ID": fileID(file), "MIMETYPE": file.mime, "SIZE": "\(file.size)",
                        "CREATED": IndochinaTime.text(file.createdAt), "CHECKSUM": file.sha256,
                        "CHECKSUMTYPE": "SHA-256",
                    ],
                    [XMLNode("FLocat", ["LOCTYPE": "URL", "xlink:type": "simple", "xlink:href": file.path])])
            })
    }

    private var rootDivision: XMLNode {
        let metadata = XMLNode(
            "div",
            [
                "ID": id("div/Metadata"), "LABEL": "Metadata",
                "DMDID": descriptive.map(sectionID).joined(separator: " "),
                "ADMID": preservation.isEmpty ? nil : preservation.map(sectionID).joined(separator: " "),
            ])
        switch structure {
        case .package(let representation):
            let divisions = groups.map { group in
                var division = XMLNode("div", ["ID": id("div/\(group.use)"), "LABEL": group.use])
                if group.files == [representation] {
                    division.children = [
                        XMLNode(
                            "mptr",
                            [
                                "LOCTYPE": "URL", "xlink:type": "simple", "xlink:href": representation.path,
                                "xlink:title": groupID(group.use),
                            ])
                    ]
                } else {
                    division.children = [XMLNode("fptr", ["FILEID": groupID(group.use)])]
                }
                return division
            }
            return XMLNode("div", ["ID": id("div"), "LABEL": objectID], [metadata] + divisions)
        case .representation(let name, let links):
            let divisions = groups.map { group in
                XMLNode(
                    "div", ["ID": id("div/\(group.use)"), "LABEL": group.use],
                    [XMLNode("fptr", ["FILEID": groupID(group.use)])])
            }
            let linked = XMLNode(
                "div", ["ID": id("div/MetadataLink"), "LABEL": "MetadataLink"],
                links.map { link in
                    XMLNode(
                        "div",
                        [
                            "ID": id("div/MetadataLink/\(link.file.path)"), "LABEL": "MetadataLink/File",
                            "DMDID": sectionID(link.descriptive),
                        ], [XMLNode("fptr", ["FILEID": fileID(link.file)])])
                })
            return XMLNode(
                "div", ["ID": id("div"), "LABEL": name, "TYPE": "ORIGINAL"], [metadata] + divisions + [linked])
        }
    }
}
