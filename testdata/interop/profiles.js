// The other side of TestInteropProfiles: the old JavaScript libraries sign and verify profile tokens.
//
// Standard input has one JSON request a line, standard output one JSON answer a line, in the same order:
//
//   {"library":"blockstack","do":"sign","profile":{…},"key":hex}       -> {"token":text,"file":text}
//   {"library":"blockstack","do":"version"}                            -> {"version":"blockstack 21.1.1"}
//   {"library":"blockstack","do":"verify","file":text,"owner":address}  -> {"claim":{…}} or {"error":text}
const readline = require('readline')

const libraries = {
  blockstack: require('blockstack'),
  blockstack19: require('blockstack19')
}

function answer(request) {
  const library = libraries[request.library]
  try {
    if (request.do === 'version') return { version: 'blockstack ' + require(request.library + '/package.json').version }
    if (request.do === 'sign') {
      const token = library.signProfileToken(request.profile, request.key)
      return { token, file: JSON.stringify([library.wrapProfileToken(token)], null, 2) }
    }
    const record = JSON.parse(request.file)[0]
    return { claim: library.extractProfile(record.token, request.owner) }
  } catch (e) {
    return { error: String(e && e.message || e) }
  }
}

readline.createInterface({ input: process.stdin }).on('line', line => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n')
})
