// Package filestore stores connections in files. The name of a connection is a name, such as
// "acme", or the path of a plain token file, which its user may read, copy and edit with any
// program.
//
// # Files
//
// A named connection is a JSON document in the directory connections of [Store.StateDir]. Its token
// is in the document, or in a token file that the document names. In this page T is the file that
// the token is in. It has up to four siblings in the same directory, so that containers that share
// the directory share the lock. No sibling ends in .json.
//
//	T.lock      is locked with flock(2) while T is updated. It is empty and stays.
//	T.pending   is the journal of a refresh: which process began it and when, then the raw reply.
//	            It is removed when T is saved.
//	T.next      is the next version of T. Its space is reserved first, and it is renamed to T.
//	T.lost-…    is a reply that belongs to no token, set aside for a person. A message names it.
//
// T.pending and T.next have T's owner and mode, and the others have T's owner and mode 0600.
//
// Symbolic links to T are resolved first, so that all processes use the same siblings. Readers take
// no lock and write nothing.
//
// # Other users with access to the directory
//
// Other users may be able to write to T's directory. They can stop a refresh, and end a grant by
// restoring an old version. They cannot read a token or send a request elsewhere:
//
//   - An update opens the directory once, by a path without symbolic links, and reaches its files
//     through it. A symbolic link to T is followed only if it belongs to this user, root or T's
//     owner.
//   - A sibling is used only if it is a regular file with one name that belongs to this user, root
//     or T's owner.
//   - T.pending and T.next are created exclusively, and used through the descriptor that created
//     them. Owner and mode of no other file are changed, and a name is renamed only while it is the
//     name of that file. Owner, mode and attributes are copied from the file that was read, even if
//     another file has its name by now.
//   - T.pending contributes a token reply and nothing else. What a login changes in the
//     registration (client, endpoint, proxy, secret) is kept in the connection's own document, and
//     a document that another user could have written is not read.
//   - Only T's owner and root can open T.lock. A user who may only read T cannot hold it.
//   - A run as root gives a file only to the owner of the token that it read. It logs in to another
//     user's file only if no third user can replace it.
//
// # Checks before the refresh token is sent
//
// A refresh is not begun if its result could not be saved. Save has locked T, written and synced
// T.pending, reserved the space for the reply and for T.next, given T.next T's owner, mode, access
// control list and extended attributes, and checked that a rename can replace T: it is not a mount
// point, not hard-linked, not another user's, and not in a sticky world-writable directory. If a
// check fails, the error is a [*freshet.SetupError] with a remedy, and nothing was sent.
//
// # The state directory
//
// The health of a token in a file of its own is kept in a small file in [Store.StateDir], named by
// a hash of the token file's path. So are replies that could not be written to T.pending (spills).
// Errors of writing health are ignored: tokens are refreshed without it.
//
// An index holds the hashes of refresh tokens: which connections and token files had a token, and
// which refresh replaced it. So a copy of a token that was replaced is not sent
// ([Store.CheckCopies]). The index is bounded, and its errors are ignored, too.
//
// While a connection is created, its file has a temporary name in the directory connections. If a
// process is killed then, the next run removes that file.
package filestore
