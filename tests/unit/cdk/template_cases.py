"""Mapping templates that cannot be read, and templates that are near to them and can, by the rule's id."""

from __future__ import annotations

from tests.unit.cdk.rule_edits import ACTION, Edit, sent

TEMPLATES_BROKEN: dict[str, list[Edit]] = {
    "I17": [
        sent("$util.escapeJavascript($input.body)"),
        sent("$!{input.parms('x')}"),
        sent("#if($input.body"),
        sent("#set($a = \"x)\" + $input.path('$'"),
        sent("#if($input.body)a#else b"),
        sent("#foreach($a in $input.path('$.b'))#if($a)$a#end"),
        sent("a#end"),
        {(*ACTION, "responses", "default", "responseTemplates"): {"application/json": "$input.jsn('$')"}},
    ],
}

TEMPLATES_HELD: dict[str, list[Edit]] = {
    "I17": [
        sent("#set($a = $input.path('$.b'))#if($a && $a != \")\")$util.base64Encode($a)#elseif($a)$a#{else}x#end"),
        sent("$!{util.urlEncode($input.params('x'))}$input.json('$.a')\\#if(\\$util.nope"),
        sent("## #if( is a comment $util.nope\n#* #foreach($a in *#$input.body"),
        sent("#foreach($a in [1, 2])#if($a == 1)$a#end#end"),
        sent('{"colour": "#fff", "input": "inputs.x"}'),
        sent({"Fn::Sub": "$input.body ${Table}"}),
        {(*ACTION, "responses", "default", "responseTemplates"): {"application/json": "$input.json('$')"}},
    ],
}
