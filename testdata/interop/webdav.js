// A WebDAV server of other people's making, in memory, with a user alice whose password is secret. It prints its address and ends when
// standard input does.
const { v2: webdav } = require('webdav-server')

const users = new webdav.SimpleUserManager()
const alice = users.addUser('alice', 'secret', false)
const rights = new webdav.SimplePathPrivilegeManager()
rights.setRights(alice, '/', ['all'])
const server = new webdav.WebDAVServer({
  hostname: '127.0.0.1', port: 0, requireAuthentification: true,
  httpAuthentication: new webdav.HTTPBasicAuthentication(users, 'test'), privilegeManager: rights
})
server.start(s => console.log(`http://127.0.0.1:${s.address().port}/`))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
