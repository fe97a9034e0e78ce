// Random concurrent edits by documents of the real Yjs and of ours, exchanged in random order with
// repeats and delays; when everything has arrived, all views and state vectors must be equal.
//
// node exchange.mjs PEER [ROUNDS [SEED]]; a failure prints the seed that replays it.
import assert from 'node:assert'
import { spawn } from 'node:child_process'
import readline from 'node:readline'
import * as Y from 'yjs'

const [program, rounds = '200', seedText = '1'] = process.argv.slice(2)
let random = Number(seedText) >>> 0

// mulberry32
function below(bound) {
  random = (random + 0x6d2b79f5) >>> 0
  let t = random
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return (((t ^ (t >>> 14)) >>> 0) % bound)
}
const pick = list => list[below(list.length)]
const hex = bytes => Buffer.from(bytes).toString('hex')
const unhex = text => new Uint8Array(Buffer.from(text, 'hex'))

const texts = ['a', 'bc', 'hello ', '😀', 'x😀y', 'äöü', '日本', '\n', 'e\u0301']
const embedded = '\u0000' // stands for what is no text
const keys = ['a', 'b', 'c', 'longer key', '', 'ü']
const values = [0, 1, -1, 63, 64, -64, 2147483647, -2147483648, 4294967296, 9007199254740991, 0.5, 0.1,
  -1e300, true, false, null, '', 'text', '😀', [], [1, [2, 'x']], {}, { k: 'v', n: { m: [null] } }]

// -- documents ------------------------------------------------------------------------------------

class YjsPeer {
  constructor(client) {
    this.doc = new Y.Doc()
    this.doc.clientID = client
    this.sent = []
    this.doc.on('update', (update, origin) => { if (origin !== 'remote') this.sent.push(update) })
  }

  async edit() {
    const text = this.doc.getText('t'), map = this.doc.getMap('m'), array = this.doc.getArray('a')
    switch (below(12)) {
      case 0: case 1: case 2:
        text.insert(below(text.length + 1), pick(texts))
        break
      case 3: {
        const at = below(text.length + 1)
        text.delete(at, below(Math.min(5, text.length - at) + 1))
        break
      }
      case 4:
        map.set(pick(keys), pick(values))
        break
      case 5:
        map.delete(pick(keys))
        break
      case 6: case 7:
        array.insert(below(array.length + 1), [pick(values), pick(values)].slice(below(2)))
        break
      case 8: {
        const at = below(array.length + 1)
        array.delete(at, below(Math.min(3, array.length - at) + 1))
        break
      }
      default:
        this.editRare(text, map, array)
    }
  }

  editRare(text, map, array) {
    switch (below(6)) {
      case 0: {
        // Not inside a character: a format that changes nothing is no update, but Yjs would divide
        // the character for itself alone.
        let at = below(text.length + 1)
        if (/[\udc00-\udfff]/.test(this.plain().charAt(at))) at--
        text.format(at, text.length - at, { bold: pick([true, null]) })
        break
      }
      case 1:
        text.insertEmbed(below(text.length + 1), { image: 'x' })
        break
      case 2: {
        const nested = new Y.Map()
        nested.set('deep', new Y.Text('nested ' + pick(texts)))
        map.set(pick(keys), nested)
        break
      }
      case 3: {
        const nested = new Y.Array()
        nested.push([pick(values), new Y.Map()])
        array.insert(below(array.length + 1), [nested])
        break
      }
      case 4: {
        const element = new Y.XmlElement('p')
        element.setAttribute('id', pick(keys))
        element.insert(0, [new Y.XmlText(pick(texts))])
        this.doc.getXmlFragment('x').insert(0, [element])
        break
      }
      case 5:
        this.editNested(map, array)
        break
    }
  }

  editNested(map, array) {
    for (const value of [...map.values(), ...array.toArray()]) {
      if (value instanceof Y.Map) value.set(pick(keys), pick(values))
      if (value instanceof Y.Array) value.push([pick(values)])
    }
  }

  // One unit for each index.
  plain() {
    const parts = this.doc.getText('t').toDelta().map(part => part.insert)
    return parts.map(part => typeof part === 'string' ? part : embedded).join('')
  }

  async updates() { return this.sent.splice(0) }
  async apply(update) { Y.applyUpdate(this.doc, update, 'remote') }
  async full() { return Y.encodeStateAsUpdate(this.doc) }
  async diff(state) { return Y.encodeStateAsUpdate(this.doc, state) }
  async state() { return Y.encodeStateVector(this.doc) }

  async view() {
    return {
      map: this.doc.getMap('m').toJSON(),
      array: this.doc.getArray('a').toJSON(),
      text: this.plain().replaceAll(embedded, ''), // as ours, without what is embedded
      xml: this.doc.getXmlFragment('x').toString(),
      pending: this.doc.store.pendingStructs !== null || this.doc.store.pendingDs !== null
    }
  }
}

class OurPeer {
  constructor(client) {
    this.process = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.waiting = []
    readline.createInterface({ input: this.process.stdout }).on('line', line => this.waiting.shift()(line))
    this.ready = this.ask('new', client)
    this.last = ''
  }

  async ask(...words) {
    const line = await new Promise(resolve => {
      this.waiting.push(resolve)
      this.process.stdin.write(words.join(' ') + '\n')
    })
    if (!line.startsWith('ok')) throw new Error(words.join(' ').slice(0, 200) + ': ' + line)
    return line.slice(3)
  }

  async edit() {
    const [text, array] = JSON.parse(await this.ask('lengths'))
    const value = () => JSON.stringify(pick(values))
    switch (below(9)) {
      case 0: case 1: case 2:
        await this.ask('text-insert', below(text + 1), hex(pick(texts)))
        break
      case 3: {
        const at = below(text + 1)
        await this.ask('text-delete', at, below(Math.min(5, text - at) + 1))
        break
      }
      case 4:
        await this.ask('map-set', hex(pick(keys)), hex(value()))
        break
      case 5:
        await this.ask('map-delete', hex(pick(keys)))
        break
      case 6: case 7:
        await this.ask('array-insert', below(array + 1), hex(`[${[value(), value()].slice(below(2))}]`))
        break
      case 8: {
        const at = below(array + 1)
        await this.ask('array-delete', at, below(Math.min(3, array - at) + 1))
        break
      }
    }
  }

  // What has changed since we were asked last; with what came from others in between.
  async updates() {
    const update = unhex(await this.ask('diff', this.last))
    this.last = await this.ask('state')
    return [update]
  }

  async apply(update) { await this.ask('apply', hex(update)) }
  async full() { return unhex(await this.ask('diff', '')) }
  async diff(state) { return unhex(await this.ask('diff', hex(state))) }
  async state() { return unhex(await this.ask('state')) }
  async view() { return JSON.parse(await this.ask('view')) }
  end() { this.process.stdin.end() }
}

// -- rounds ---------------------------------------------------------------------------------------

// A list of what each peer has still to be given; taken from it in random order.
async function deliver(peers, boxes, share) {
  for (const [at, box] of boxes.entries()) {
    let count = Math.floor(box.length * share)
    while (count-- > 0) {
      const place = below(box.length)
      const update = below(4) === 0 ? box[place] : box.splice(place, 1)[0]
      await peers[at].apply(update)
    }
  }
}

async function settle(peers, boxes) {
  for (const [at, box] of boxes.entries()) {
    while (box.length > 0) await peers[at].apply(box.splice(below(box.length), 1)[0])
  }
}

const stateOf = bytes => [...Y.decodeStateVector(bytes)].sort((a, b) => a[0] - b[0])

async function compare(peers, round) {
  const [first, ...rest] = peers
  const view = await first.view(), state = stateOf(await first.state())
  assert.strictEqual(view.pending, false)
  for (const [at, peer] of rest.entries()) {
    assert.deepStrictEqual(await peer.view(), view, `round ${round}, peer ${at + 1}`)
    assert.deepStrictEqual(stateOf(await peer.state()), state)
  }
  // A stranger who is given only the whole state of one of them reads the same.
  for (const peer of peers) {
    const stranger = new YjsPeer(99)
    await stranger.apply(await peer.full())
    assert.deepStrictEqual(await stranger.view(), view)
  }
}

async function main() {
  const peers = [new YjsPeer(1000), new OurPeer(2000), new YjsPeer(3000000000), new OurPeer(5)]
  const boxes = peers.map(() => [])
  for (const peer of peers) await peer.ready
  for (let round = 0; round < Number(rounds); round++) {
    for (const [at, peer] of peers.entries()) {
      for (let edits = below(4); edits > 0; edits--) {
        await peer.edit()
        if (below(2) === 0) await deliver(peers, boxes, 0.3)
      }
      for (const update of await peer.updates()) {
        for (const [to, box] of boxes.entries()) if (to !== at) box.push(update)
      }
    }
    await deliver(peers, boxes, 0.7)
    if (below(4) === 0) { // one asks another for what it lacks, waiting parts included
      const from = pick(peers), to = pick(peers)
      await to.apply(await from.diff(await to.state()))
    }
    if (below(8) === 0 || round === Number(rounds) - 1) {
      await settle(peers, boxes)
      await compare(peers, round)
    }
  }
  for (const peer of peers) peer.end?.()
  const length = (await peers[0].view()).text.length
  console.log(`${rounds} rounds of ${peers.length} documents, seed ${seedText}: equal (text of ${length} units)`)
}

main().catch(error => {
  console.error(`seed ${seedText}:`, error)
  process.exit(1)
})
