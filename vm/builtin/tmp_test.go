package builtin
import ("testing";"time";"fmt")
func TestTmp(t *testing.T){
 for _,p:=range []string{"\\W","[\\W]","\\S","[\\S]","[^\\s]","\\D","[\\D]","[^a-z]","[^\\d]","[\\s\\S]","\\P{L}","[\\P{L}]",".","[\x80-\U0010ffff]","[à-\uffff]","[^]","[\\w\\W]","\\w","\\s","[\\wé]","[^\\w.-]","[^\\s@]"} { for _,f:=range []string{"","i","u","iu"} {
 if f!="u"&&f!="iu"&&len(p)>4&&p[1]=='P' {continue}
 s:=time.Now(); _,err:=compileRegex("q"+p,f); d:=time.Since(s); 
 s=time.Now(); compileRegex("q"+p+p+p+p,f); d2:=time.Since(s); 
 if d2>2*time.Millisecond {fmt.Printf("%q %s %v %v %v\n",p,f,d,d2,err)}}}
}
